/** The situation that the rules are tried on: its text, and the day on which it is looked at. */

import { useMemo, useState } from "preact/hooks";

import type { Diagnostic } from "../../api";
import Editor from "../../parts/editor/Editor";
import { DayChange, DaySlider } from "../../parts/DaySlider";
import { useWhole } from "../../state";
import { WhatHappened } from "../person/WhatHappened";
import { useDesk } from "./desk";
import type { Spot } from "./methods";
import { isAt } from "./RulesPane";

export function SituationPane({ diagnostics }: { diagnostics: readonly Diagnostic[] }) {
  const desk = useDesk();
  const workbench = desk.workbench;
  const start = useWhole((state) => state.start)!;
  const file = useWhole((state) => state.files[state.start!.situation]);
  const advice = useWhole((state) => state.advice);
  const can = useWhole((state) => state.can);
  const [cursor, setCursor] = useState<Spot>({ line: 1, column: 1 });
  const own = useMemo(
    () => merged(diagnostics, advice?.diagnostics ?? []).filter((one) => one.file === start.situation),
    [diagnostics, advice?.diagnostics, start.situation],
  );
  const here = own.filter((one) => isAt(one, cursor.line));
  if (!file) return null;
  const isChanged = file.text !== file.saved;
  return (
    <section class="pane situation-pane" aria-labelledby="situation-title">
      <div class="pane-head">
        <h2 id="situation-title">Situation</h2>
        <span class="quiet small name">{file.name}</span>
        {start.examples.length > 0 && <Examples />}
        <button type="button" class="plain" disabled={!can.undo} onClick={() => void workbench.undo()}>Undo</button>
        {file.may_save && <button type="button" disabled={!isChanged} onClick={() => void workbench.save(file.id)}>{isChanged ? "Save" : "Saved"}</button>}
      </div>
      <Editor
        file={file.id}
        label={`The situation, ${file.name}`}
        diagnostics={own}
        reveal={desk.target?.file === file.id ? desk.target : null}
        onPlace={(line, column) => setCursor({ line, column })}
      />
      <div class="at-cursor" aria-live="polite">
        {(here.length ? here : own.slice(0, 1)).map((one) => (
          <p class={`said ${one.severity}`}><code>{one.code}</code> line {one.line}: {one.message}{one.hint && <> <em>{one.hint}</em></>}</p>
        ))}
      </div>
      <details class="add-event">
        <summary>What happened? Add it without writing</summary>
        <WhatHappened scope={advice?.cards[0]?.scope ?? null} />
      </details>
      <Days />
    </section>
  );
}

/** The day on which the situation is looked at, and what changes on it. */
function Days() {
  const { workbench } = useDesk();
  const days = useWhole((state) => state.days);
  const day = useWhole((state) => state.day);
  if (!days) return null;
  const shown = day ?? days.first;
  return (
    <div class="looked-at">
      <DaySlider days={days} day={shown} onDay={(to) => workbench.look(to)} label="The day that the advice is for" />
      <DayChange days={days} day={shown} />
    </div>
  );
}

/** The examples that come with the rules; one of them takes the place of the text, and Undo brings that back. */
function Examples() {
  const { workbench } = useDesk();
  const start = useWhole((state) => state.start)!;
  async function show(name: string): Promise<void> {
    const example = await workbench.trouble(workbench.ask("example", { name }));
    if (example) workbench.type(start.situation, example.text);
  }
  return (
    <label class="picker">
      <span class="hidden-text">Show an example</span>
      <select value="" onChange={(event) => { void show(event.currentTarget.value); event.currentTarget.value = ""; }}>
        <option value="">Examples…</option>
        {start.examples.map((one) => <option value={one.name} title={one.about}>{one.title}</option>)}
      </select>
    </label>
  );
}

/** Both lists, each mistake once. */
function merged(one: readonly Diagnostic[], other: readonly Diagnostic[]): Diagnostic[] {
  const key = (of: Diagnostic) => [of.code, of.file, of.line, of.column, of.message].join("\n");
  return [...new Map([...one, ...other].map((of) => [key(of), of])).values()];
}
