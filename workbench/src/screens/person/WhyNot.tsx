import { useId, useState } from "preact/hooks";
import type { Day, WantedAction, WhyNotChange } from "../../api";
import { useWhole, useWorkbench } from "../../state";
import { longDay } from "../../parts/days";
import { Says } from "../../parts/Says";
import { useAnswer } from "../../parts/use";

const keyOf = (one: WantedAction) => JSON.stringify([one.action, one.application ?? null, one.to ?? null]);

/** Why something is not advised, and the smallest changes that would have it advised, each to be tried or put in. */
export function WhyNot({ onDay }: { onDay(day: Day | null): void }) {
  const [isOpen, open] = useState(false);
  return (
    <details class="why-not" onToggle={(event) => open(event.currentTarget.open)}>
      <summary><h2>Why not something else?</h2></summary>
      {isOpen && <Choose onDay={onDay} />}
    </details>
  );
}

function Choose({ onDay }: { onDay(day: Day | null): void }) {
  const id = useId();
  const { answer, failed } = useAnswer("wanted", {});
  const [chosen, choose] = useState("");
  if (failed) return <p role="alert">{failed}</p>;
  if (!answer) return <p class="quiet">Looking…</p>;
  const wanted = answer.actions.find((one) => keyOf(one) === chosen);
  return (
    <>
      <p class="field">
        <label for={id}>What you would have expected</label>
        <select id={id} value={chosen} onChange={(event) => choose(event.currentTarget.value)}>
          <option value="">Choose</option>
          {answer.actions.map((one) => <option value={keyOf(one)}>{one.title}{one.application_name ? `: ${one.application_name}` : ""}</option>)}
        </select>
      </p>
      {wanted && <Answer key={chosen} wanted={wanted} onDay={onDay} />}
    </>
  );
}

function Answer({ wanted, onDay }: { wanted: WantedAction; onDay(day: Day | null): void }) {
  const { action, application, to } = wanted;
  const { answer, failed, waiting } = useAnswer("why_not", { action, ...(application ? { application } : {}), ...(to ? { to } : {}) });
  if (failed) return <p role="alert">{failed}</p>;
  if (!answer) return waiting ? <p class="quiet" role="status">Looking for what would change it…</p> : null;
  return (
    <div class="choice" role="group" aria-label={`Why not: ${wanted.title}`}>
      <p class="headline"><Says text={answer.headline} /></p>
      {answer.changes.length === 0 && <p class="quiet">No small change was found that would bring it.</p>}
      <ul class="changes">{answer.changes.map((one) => <Change key={one.sentence} change={one} onDay={onDay} />)}</ul>
    </div>
  );
}

function Change({ change, onDay }: { change: WhyNotChange; onDay(day: Day | null): void }) {
  const workbench = useWorkbench();
  const trying = useWhole((state) => state.trying);
  const file = workbench.state.start!.situation;
  const show = () => { if (change.day) onDay(change.day); };
  const text = change.new_text;
  const tryIt = async () => { await workbench.tryOut(file, text!, change.words, null); show(); };
  const putIn = async () => {
    if (trying) await workbench.endTrying(false);
    await workbench.put(file, text!, change.words);
    show();
  };
  return (
    <li>
      <p><Says text={change.words} /></p>
      {change.after.length > 0 && <ul class="after small">{change.after.map((line) => <li>{line}</li>)}</ul>}
      <p class="ways">
        {text !== null && <button type="button" onClick={() => void tryIt()}>Try it<span class="hidden-text">: {change.words}</span></button>}
        {text !== null && <button type="button" onClick={() => void putIn()}>Put it in<span class="hidden-text">: {change.words}</span></button>}
        {change.day && <button type="button" onClick={show}>Look at {longDay(change.day)}</button>}
      </p>
      {text !== null && (
        <details class="small">
          <summary>As it would stand in the file</summary>
          <p><Says text={change.sentence} /></p>
        </details>
      )}
    </li>
  );
}
