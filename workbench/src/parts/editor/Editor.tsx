import { useEffect, useRef } from "preact/hooks";
import type { Extension } from "@codemirror/state";
import type { Diagnostic, FileId, TextEdit } from "../../api";
import { useWhole, useWorkbench, type Workbench } from "../../state";
import { edited } from "./places";
import { openPane, type Completions, type Help, type Pane } from "./code";

export interface EditorProps {
  file: FileId;
  label: string;
  diagnostics: readonly Diagnostic[];
  readOnly?: boolean;
  /** Further parts of CodeMirror; must stay the same object. */
  more?: Extension;
  /** The place to be shown; a new object shows it again. */
  reveal?: { line: number; column?: number } | null;
  onPlace?(line: number, column: number): void;
  /** The editor itself, for whoever wants more of it. */
  onPane?(pane: Pane | null): void;
}

/** A file's text, to be edited: its mistakes are marked, and names are completed and explained. */
export default function Editor({ file: id, label, diagnostics, readOnly = false, more, reveal, onPlace, onPane }: EditorProps) {
  const workbench = useWorkbench();
  const file = useWhole((state) => state.files[id]);
  const place = useRef<HTMLDivElement>(null);
  const pane = useRef<Pane | null>(null);
  const heard = useRef(onPlace);
  heard.current = onPlace;

  useEffect(() => {
    const opened = openPane({
      parent: place.current!,
      label,
      text: workbench.file(id)?.text ?? "",
      readOnly,
      ...(more ? { more } : {}),
      help: helpOf(workbench, id),
      onText: (text) => workbench.type(id, text),
      onPlace: (line, column) => heard.current?.(line, column),
      onSave: () => void workbench.save(id),
    });
    pane.current = opened;
    onPane?.(opened);
    return () => {
      pane.current = null;
      onPane?.(null);
      opened.destroy();
    };
  }, [id, label, readOnly]);

  // The text of this moment: by the time an effect runs, more may have been typed than was drawn.
  useEffect(() => { pane.current?.show(workbench.file(id)?.text ?? ""); }, [file?.text, id]);
  useEffect(() => pane.current?.mark(diagnostics.filter((one) => one.file === id || one.file === null)), [diagnostics, id]);
  useEffect(() => {
    if (!reveal) return;
    pane.current?.reveal(reveal.line, reveal.column);
    pane.current?.view.focus();
  }, [reveal, id]);

  return <div class="editor" ref={place} />;
}

function helpOf(workbench: Workbench, file: FileId): Help {
  return {
    complete: (line, column, signal) => workbench.ask<Completions>("complete", { file, line, column }, signal),
    hover: async (line, column, signal) =>
      (await workbench.ask<{ says: string | null }>("hover", { file, line, column }, signal)).says,
    fix: (edits) => applyEdits(workbench, edits),
  };
}

/** Makes edits of texts. */
export function applyEdits(workbench: Workbench, edits: readonly TextEdit[]): void {
  for (const id of new Set(edits.map((edit) => edit.file))) {
    const file = workbench.file(id);
    if (file) workbench.type(id, edited(file.text, edits.filter((edit) => edit.file === id)));
  }
}
