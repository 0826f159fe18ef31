/** The keys by which an author asks about the name at the cursor, as other editors have them. */

import { type EditorView, keymap } from "@codemirror/view";
import { useMemo, useRef } from "preact/hooks";

import { placeOf } from "../../parts/editor/places";
import type { Spot } from "./methods";

export type Command = "definition" | "references" | "rename";

const KEYS: readonly (readonly [string, Command])[] = [["F12", "definition"], ["Shift-F12", "references"], ["F2", "rename"]];

/** A key map that always reaches the newest `run`, and stays the same object. */
export function useCommandKeys(run: (name: Command, place: Spot) => void) {
  const latest = useRef(run);
  latest.current = run;
  return useMemo(() => {
    const at = (view: EditorView): Spot => placeOf(view.state.doc.toString(), view.state.selection.main.head);
    return keymap.of(KEYS.map(([key, name]) => ({
      key, preventDefault: true, run: (view: EditorView) => (latest.current(name, at(view)), true),
    })));
  }, []);
}
