/** The editor as a part of the screen: it shows one file, keeps the others' cursors and undo, and marks mistakes. */

import type { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "preact/hooks";

import type { Diagnostic, FileId } from "../../api";
import { type EditorAsks, editorState, lineEnd, mark, replaceText, reveal } from "./editor";
import type { Place } from "./places";

export interface Target extends Place {
  file: FileId;
  /** Each jump has its own number, so that the same place can be jumped to twice. */
  turn: number;
}

interface Props {
  file: FileId;
  text: string;
  label: string;
  readOnly: boolean;
  diagnostics: readonly Diagnostic[];
  target: Target | null;
  asks: EditorAsks;
}

export function CodeEditor({ file, text, label, readOnly, diagnostics, target, asks }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const shown = useRef<{ file: FileId; key: string } | null>(null);
  const kept = useRef(new Map<string, EditorState>());
  const latest = useRef(asks);
  latest.current = asks;

  useEffect(() => {
    const around = place.current!;
    const root = around.shadowRoot ?? around.attachShadow({ mode: "open" });
    const inside = document.createElement("div");
    inside.style.height = "100%";
    root.replaceChildren(inside);
    const made = new EditorView({ parent: inside, root });
    view.current = made;
    return () => {
      made.destroy();
      view.current = null;
      shown.current = null;
    };
  }, []);

  useEffect(() => {
    const now = view.current!;
    const key = `${file} ${readOnly} ${lineEnd(text) === "\r\n"}`;
    if (shown.current?.key !== key) {
      if (shown.current) kept.current.set(shown.current.key, now.state);
      shown.current = { file, key };
      now.setState(kept.current.get(key) ?? editorState(text, label, readOnly, relay(latest)));
    }
    replaceText(now, text);
  }, [file, text, readOnly]);

  useEffect(() => mark(view.current!, diagnostics, latest.current), [file, text, diagnostics]);

  useEffect(() => {
    if (target && target.file === file) reveal(view.current!, target);
  }, [target?.turn, file]);

  return <div class="editor" ref={place} />;
}

/** Asks that always reach the newest of the screen's, since an editor keeps those that it was made with. */
function relay(latest: { current: EditorAsks }): EditorAsks {
  return {
    changed: (text) => latest.current.changed(text),
    moved: (place) => latest.current.moved(place),
    complete: (place) => latest.current.complete(place),
    hover: (place) => latest.current.hover(place),
    fix: (diagnostic) => latest.current.fix(diagnostic),
    command: (name, place) => latest.current.command(name, place),
  };
}
