/** What the parts of an author's screens share: the workbench, the file that is open, and where its cursor is. */

import { createContext } from "preact";
import { useContext, useMemo, useState } from "preact/hooks";

import type { FileId } from "../../api";
import { type OpenFile, type State, useWhole, useWorkbench, type Workbench } from "../../state";
import type { AuthorMethods, AuthorStreams, Spot } from "./methods";

export type Pane = "rules" | "situation" | "advice" | "checks";

export class Desk {
  constructor(
    readonly workbench: Workbench,
    readonly file: FileId | null,
    readonly target: Target | null,
    readonly pane: Pane,
    private readonly set: (change: Partial<DeskState>) => void,
  ) {}

  ask<M extends keyof AuthorMethods>(
    method: M, params: AuthorMethods[M]["params"], signal?: AbortSignal,
  ): Promise<AuthorMethods[M]["answer"]> {
    return this.workbench.ask<AuthorMethods[M]["answer"]>(method, params, signal);
  }

  stream<M extends keyof AuthorStreams>(
    method: M, params: AuthorStreams[M]["params"], onLine: (line: AuthorStreams[M]["line"]) => void, signal: AbortSignal,
  ): Promise<void> {
    return this.workbench.stream(method, params, (line) => onLine(line as AuthorStreams[M]["line"]), signal);
  }

  show(pane: Pane): void {
    this.set({ pane });
  }

  /** Open a file of rules or tests, and put the cursor at a place of it. */
  open(file: FileId, place?: Spot): void {
    if (file === this.workbench.state.start?.situation) {
      this.set({ pane: "situation", ...(place ? { target: targetAt(file, place) } : {}) });
      return;
    }
    this.set({ file, pane: "rules", ...(place ? { target: targetAt(file, place) } : {}) });
  }

  /** A new file in the folder that may be edited, as the page has it. */
  async create(kind: "rules" | "tests", name: string): Promise<FileId> {
    const made = await this.ask("new_file", { kind, name });
    const text = made.text ?? "";
    const file: OpenFile = { ...made, text, saved: text, loaded: true };
    this.workbench.set({ files: { ...this.workbench.state.files, [file.id]: file } });
    return file.id;
  }

  name(file: FileId | null): string {
    return (file && this.workbench.file(file)?.name) || "";
  }
}

interface DeskState {
  file: FileId | null;
  target: Target | null;
  pane: Pane;
}

/** A place that was jumped to; each jump is a new object. */
export interface Target extends Spot {
  file: FileId;
}

function targetAt(file: FileId, { line, column }: Spot): Target {
  return { file, line, column };
}

export const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  return useContext(DeskContext)!;
}

/** A desk with the first file of rules that may be edited on it. */
export function useNewDesk(): Desk {
  const workbench = useWorkbench();
  const [state, setState] = useState<DeskState>(() => ({ file: firstFile(workbench.state), target: null, pane: "rules" }));
  return useMemo(
    () => new Desk(workbench, state.file, state.target, state.pane, (change) => setState((now) => ({ ...now, ...change }))),
    [workbench, state],
  );
}

function firstFile(state: State): FileId | null {
  const files = Object.values(state.files).filter((file) => file.kind !== "situation");
  const best = [
    files.find((file) => file.may_save && file.kind === "rules"),
    files.find((file) => file.may_save),
    files.find((file) => file.kind === "rules"),
    files[0],
  ];
  return best.find(Boolean)?.id ?? null;
}

/** A value that is another one whenever a text changes, and the same as long as none does. */
export function useTexts(): unknown {
  const files = useWhole((state) => state.files);
  const texts = Object.values(files).map((file) => (file.text === file.saved ? file.revision : file.text));
  const [kept] = useState<{ texts: string[]; turn: number }>(() => ({ texts, turn: 0 }));
  if (texts.length !== kept.texts.length || texts.some((text, index) => text !== kept.texts[index])) {
    kept.texts = texts;
    kept.turn += 1;
  }
  return kept.turn;
}

/** Whether a test can be made of what is shown; a site has no folder that a file of tests could be new in. */
export function useMayMakeTests(): boolean {
  return useWhole(({ start, files }) => start!.may_edit_rules
    && (start!.mode === "open" || Object.values(files).some((file) => file.kind === "tests")));
}

/** The files of rules, vocabulary and tests with edits that are not saved, or only tried. */
export function useUnsavedRules(): FileId[] {
  const files = useWhole((state) => state.files);
  return Object.values(files).filter((file) => file.kind !== "situation" && file.text !== file.saved).map((file) => file.id);
}
