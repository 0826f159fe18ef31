/** Places: the engine counts lines and characters from 1, an editor counts UTF-16 units from 0. */
import type { Text } from "@codemirror/state";
import type { Stretch } from "../../api";

/** The offset of a place; what lies beyond a line or the text is its end. */
export function offsetOf(text: Text, line: number, column: number): number {
  const found = text.line(Math.min(Math.max(line, 1), text.lines));
  const before = Array.from(found.text).slice(0, Math.max(column - 1, 0)).join("");
  return found.from + before.length;
}

export function stretchOf(text: Text, place: Stretch): { from: number; to: number } {
  const from = offsetOf(text, place.line, place.column);
  return { from, to: Math.max(from, offsetOf(text, place.end_line, place.end_column)) };
}

/** The line and the column in characters, both from 1. */
export function placeOf(text: Text, offset: number): { line: number; column: number } {
  const line = text.lineAt(offset);
  return { line: line.number, column: Array.from(text.sliceString(line.from, offset)).length + 1 };
}
