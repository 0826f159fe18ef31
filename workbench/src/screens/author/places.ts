/** Places of a text: what the engine counts, lines and characters from 1, and what an editor counts, UTF-16 units.
 *
 * A line ends where the engine says that it does, also at U+0085, U+2028 and U+2029; a character outside of the
 * first plane is one to the engine and two to the editor. Of "é🎉x", `x` is column 3 and offset 3 of "é🎉x".
 */

export interface Place {
  line: number;
  column: number;
}

export interface Span extends Place {
  end_line: number;
  end_column: number;
}

export interface TextEdit extends Span {
  text: string;
}

const BREAK = /\r\n|[\n\r\x85\u2028\u2029]/g;

function lineStarts(text: string): number[] {
  return [0, ...Array.from(text.matchAll(BREAK), (found) => found.index + found[0].length)];
}

/** The offset of a place; the nearest that there is for one outside of the text. */
export function offsetOf(text: string, place: Place): number {
  const starts = lineStarts(text);
  const line = Math.min(Math.max(place.line, 1), starts.length);
  let offset = starts[line - 1]!;
  const end = line < starts.length ? starts[line]! : text.length;
  for (let column = 1; column < place.column && offset < end; column++) {
    if (/[\n\r\x85\u2028\u2029]/.test(text[offset]!)) break;
    offset += text.codePointAt(offset)! > 0xffff ? 2 : 1;
  }
  return offset;
}

/** The place of an offset. */
export function placeOf(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  const starts = lineStarts(before);
  return { line: starts.length, column: Array.from(before.slice(starts[starts.length - 1])).length + 1 };
}

/** Two offsets around what a span covers, one character at least where there is one. */
export function rangeOf(text: string, span: Span): { from: number; to: number } {
  const from = offsetOf(text, span);
  const to = Math.max(from, offsetOf(text, { line: span.end_line, column: span.end_column }));
  return { from, to };
}

/** The text after edits that do not overlap, in any order. */
export function edited(text: string, edits: readonly TextEdit[]): string {
  const ranges = edits.map((edit) => ({ ...rangeOf(text, edit), text: edit.text }));
  ranges.sort((one, other) => other.from - one.from || other.to - one.to);
  return ranges.reduce((now, { from, to, text: put }) => now.slice(0, from) + put + now.slice(to), text);
}
