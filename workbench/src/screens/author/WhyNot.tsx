/** Why something is not advised, and the smallest changes that would: to try, to put in, or to make a test of. */

import { useState } from "preact/hooks";

import type { WantedAction, WhyNotChange } from "../../api";
import { shortDay } from "../../parts/days";
import { Says } from "../../parts/Says";
import { useWhole } from "../../state";
import { useAsked } from "./asking";
import { useDesk, useMayMakeTests, useTexts } from "./desk";
import { MakeTest } from "./MakeTest";
import type { WantedParams } from "./methods";

export function WhyNot({ onClose }: { onClose: () => void }) {
  const desk = useDesk();
  const texts = useTexts();
  const day = useWhole((state) => state.day);
  const asOf = day ? { as_of: day } : {};
  const wanted = useAsked((signal) => desk.workbench.ask("wanted", asOf, signal), [texts, day], 100);
  const [chosen, setChosen] = useState<WantedAction | null>(null);
  const found = wanted.value?.actions ?? [];
  // What was chosen stays, also when a change that is tried makes it advised.
  const actions = chosen && !found.some((one) => keyOf(one) === keyOf(chosen)) ? [chosen, ...found] : found;
  return (
    <section class="ask-why-not" aria-labelledby="why-not-title">
      <div class="pane-head">
        <h3 id="why-not-title">Why not?</h3>
        <button type="button" class="plain" aria-label="Close why not" onClick={onClose}>✕</button>
      </div>
      <label>
        Not advised
        <select value={chosen ? keyOf(chosen) : ""} onChange={(event) => setChosen(actions.find((one) => keyOf(one) === event.currentTarget.value) ?? null)}>
          <option value="">{wanted.busy && !actions.length ? "Asking…" : "Choose…"}</option>
          {actions.map((one) => <option value={keyOf(one)}>{[one.title, one.application_name ?? one.application, one.to].filter(Boolean).join(" · ")}</option>)}
        </select>
      </label>
      {wanted.problem && <p class="words">{wanted.problem.words}</p>}
      {chosen && <Answer key={keyOf(chosen)} params={paramsOf(chosen, asOf)} />}
    </section>
  );
}

function Answer({ params }: { params: WantedParams }) {
  const desk = useDesk();
  const texts = useTexts();
  const mayMakeTests = useMayMakeTests();
  const [isTest, setIsTest] = useState(false);
  const asked = useAsked((signal) => desk.workbench.ask("why_not", params, signal), [texts, JSON.stringify(params)], 150);
  if (asked.problem) return <p class="words" role="alert">{asked.problem.words}</p>;
  if (!asked.value) return <p class="quiet" role="status">Trying changes…</p>;
  const { headline, changes, recommended } = asked.value;
  return (
    <div role="status">
      <p class="words"><Says text={headline} /></p>
      {changes.length > 0 && <p class="quiet small">Would do:</p>}
      <ul class="repairs">{changes.map((change) => <Repair change={change} />)}</ul>
      {mayMakeTests && !recommended && <p class="buttons"><button type="button" onClick={() => setIsTest(true)}>Make it a test</button></p>}
      {isTest && <MakeTest of={params} onClose={() => setIsTest(false)} />}
    </div>
  );
}

function Repair({ change }: { change: WhyNotChange }) {
  const { workbench } = useDesk();
  const situation = useWhole((state) => state.start!.situation);
  const { new_text: text, day } = change;
  async function putIn(text: string): Promise<void> {
    if (workbench.state.trying) await workbench.endTrying(false);
    await workbench.put(situation, text, change.sentence);
    if (day) workbench.look(day);
  }
  return (
    <li>
      <p><Says text={change.sentence} /></p>
      {change.after.length > 0 && (
        <p class="small then-there">{change.day && `On ${shortDay(change.day)}: `}{change.after.join(", ")}</p>
      )}
      <p class="buttons">
        {text !== null
          ? <>
              <button type="button" onClick={() => void workbench.tryOut(situation, text, change.sentence, day)}>Try it</button>
              <button type="button" onClick={() => void putIn(text)}>Put it in</button>
            </>
          : day && <button type="button" onClick={() => workbench.look(day)}>Look at {shortDay(day)}</button>}
      </p>
    </li>
  );
}

const keyOf = (one: WantedAction): string => JSON.stringify([one.action, one.application ?? null, one.to ?? null]);

function paramsOf(one: WantedAction, asOf: { as_of?: string }): WantedParams {
  return {
    action: one.action,
    ...(one.application ? { application: one.application } : {}),
    ...(one.to ? { to: one.to } : {}),
    ...asOf,
  };
}
