/**
 * Places: the engine counts lines and characters from 1, an editor counts UTF-16 units from 0.
 *
 * A line ends where the engine says that it does, also at U+0085, U+2028 and U+2029; a character outside of the
 * first plane is one to the engine and two to the editor: of "é🎉x", `x` is at column 3 and offset 3.
 */
import type { Stretch, TextEdit } from "../../api";

const BREAK = /\r\n|[\n\r\x85\u2028\u2029]/g;

/** The offset of a place; what lies beyond a line or the text is its end. */
export function offsetOf(text: string, line: number, column: number): number {
  const breaks = [...text.matchAll(BREAK)];
  const at = Math.min(Math.max(line, 1), breaks.length + 1) - 1;
  const before = breaks[at - 1];
  const from = before ? before.index + before[0].length : 0;
  const whole = text.slice(from, breaks[at]?.index ?? text.length);
  return from + Array.from(whole).slice(0, Math.max(column - 1, 0)).join("").length;
}

export function stretchOf(text: string, place: Stretch): { from: number; to: number } {
  const from = offsetOf(text, place.line, place.column);
  return { from, to: Math.max(from, offsetOf(text, place.end_line, place.end_column)) };
}

/** The line and the column in characters, both from 1. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  const lines = text.slice(0, offset).split(BREAK);
  return { line: lines.length, column: Array.from(lines.at(-1)!).length + 1 };
}

/** The text after edits of it that do not overlap. */
export function edited(text: string, edits: readonly TextEdit[]): string {
  const late = edits.map((edit) => ({ ...stretchOf(text, edit), put: edit.text })).sort((a, b) => b.from - a.from);
  return late.reduce((now, { from, to, put }) => now.slice(0, from) + put + now.slice(to), text);
}
