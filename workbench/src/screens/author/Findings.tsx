/** Mistakes at once, and what a closer look finds after a pause: rules that never fire, names nobody uses, and more. */

import type { Diagnostic } from "../../api";
import { applyEdits } from "../../parts/editor/Editor";
import { mayTry } from "../../state";
import { type Asked, useAsked } from "./asking";
import { useDesk } from "./desk";
import { Kind } from "./RulesPane";

/** Milliseconds without a change until the closer look. */
const PAUSE = 2000;

type Checked = { diagnostics: Diagnostic[] };

export function useFindings(texts: unknown, isReady: boolean, onFindings: (found: Diagnostic[]) => void): Asked<Checked> {
  const desk = useDesk();
  return useAsked(
    isReady
      ? async (signal) => {
          const answer = await desk.ask("check", { deep: true }, signal);
          if (!signal.aborted) onFindings(answer.diagnostics.filter((one) => one.severity === "finding"));
          return answer;
        }
      : null,
    [texts, isReady],
    PAUSE,
  );
}

export function Findings({ mistakes, findings, asked, blocked }: {
  mistakes: readonly Diagnostic[]; findings: readonly Diagnostic[] | null; asked: Asked<Checked>; blocked: boolean;
}) {
  const all = [...mistakes, ...(findings ?? [])];
  return (
    <>
      <p role="status">
        {mistakes.length === 0 ? "No mistakes" : mistakes.length === 1 ? "1 mistake" : `${mistakes.length} mistakes`}
        {findings && ` · ${findings.length === 1 ? "1 finding" : `${findings.length} findings`}`}
        {asked.busy ? " · looking closer…" : !findings && !blocked && !asked.problem ? " · a closer look follows after a pause" : ""}
      </p>
      {asked.problem && <p class="words" role="alert">{asked.problem.words}</p>}
      <ul class="results">{all.map((one) => <Found one={one} />)}</ul>
    </>
  );
}

function Found({ one }: { one: Diagnostic }) {
  const desk = useDesk();
  const { file, line, fix } = one;
  const mayFix = fix?.edits.map((edit) => desk.workbench.file(edit.file)).every((file) => file && mayTry(file)) ?? false;
  return (
    <li>
      <p class="words">
        <Kind of={one} /> {one.message}{one.hint && <> <em>{one.hint}</em></>}
        {" "}{file && line
          ? <button type="button" class="plain" onClick={() => desk.open(file, { line, column: one.column ?? 1 })}>{desk.name(file)}:{line}</button>
          : <span class="quiet small">{one.where}</span>}
        {fix && mayFix && <button type="button" onClick={() => applyEdits(desk.workbench, fix.edits)}>{fix.title}</button>}
      </p>
      {one.note && <details><summary>Shown by</summary><pre>{one.note}</pre></details>}
    </li>
  );
}
