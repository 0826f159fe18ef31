import { useEffect, useRef } from "preact/hooks";
import type { Diagnostic, FileId, TextEdit } from "../../api";
import { useWhole, useWorkbench, type Workbench } from "../../state";
import { openPane, type Completions, type Help, type Pane } from "./code";

export interface EditorProps {
  file: FileId;
  label: string;
  diagnostics: Diagnostic[];
  /** The place to be shown; a new object shows it again. */
  reveal?: { line: number; column?: number } | null;
  onPlace?(line: number, column: number): void;
  /** The editor itself, for whoever wants more of it. */
  onPane?(pane: Pane | null): void;
}

/** A file's text, to be edited: its mistakes are marked, and names are completed and explained. */
export default function Editor({ file: id, label, diagnostics, reveal, onPlace, onPane }: EditorProps) {
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
      readOnly: false,
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
  }, [id, label]);

  // The text of now, not the one of when this was drawn: whoever types is ahead of it.
  useEffect(() => pane.current?.show(workbench.file(id)?.text ?? ""), [file?.text, id]);
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

/** Makes edits of texts, the last of a file first so that the places before it stay right. */
export function applyEdits(workbench: Workbench, edits: TextEdit[]): void {
  const late = [...edits].sort((a, b) => b.line - a.line || b.column - a.column);
  const texts = new Map<FileId, string>();
  for (const edit of late) {
    const text = texts.get(edit.file) ?? workbench.file(edit.file)?.text;
    if (text === undefined) continue;
    const lines = text.split("\n");
    const at = (line: number, column: number) =>
      lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) +
      Array.from(lines[line - 1] ?? "").slice(0, column - 1).join("").length;
    texts.set(edit.file, text.slice(0, at(edit.line, edit.column)) + edit.text + text.slice(at(edit.end_line, edit.end_column)));
  }
  for (const [file, text] of texts) workbench.type(file, text);
}
