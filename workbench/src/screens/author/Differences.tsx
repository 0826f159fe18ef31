/** Which advice the edits change, over the situations of the tests and the open one, and which edit is to blame. */

import { Says } from "../../parts/Says";
import { type Asked, useAsked } from "./asking";
import { useDesk } from "./desk";
import type { AdviceDiff } from "./methods";

/** Milliseconds without a change until advice is compared. */
const PAUSE = 1500;

/** What the unsaved edits of the rules change; nothing is asked where there are none. */
export function useDifferences(texts: unknown, isReady: boolean, isEdited: boolean): Asked<AdviceDiff> {
  const desk = useDesk();
  const asked = useAsked(isReady ? (signal) => desk.ask("diff", {}, signal) : null, [texts, isReady], PAUSE);
  return isEdited ? asked : { value: null, busy: false, problem: null };
}

export function Differences({ asked, isEdited, blocked }: { asked: Asked<AdviceDiff>; isEdited: boolean; blocked: boolean }) {
  const { value, busy, problem } = asked;
  if (!isEdited) return <p class="quiet">The rules are as they were saved: nothing differs.</p>;
  return (
    <>
      <p role="status">
        {[
          value && `Saved to edited: ${value.changed} of ${value.of} situations change`,
          busy && "comparing…",
          blocked && "advice is compared again once the rules have no mistakes",
          !value && !busy && !blocked && !problem && "advice is compared after a pause",
        ].filter(Boolean).join(" · ")}
      </p>
      {problem && <p class="words" role="alert">{problem.words}</p>}
      <ul class={busy || blocked ? "results old" : "results"}>
        {value?.situations.map((one) => (
          <li>
            <p><strong>{one.name}</strong></p>
            {one.changes.map((change) => <Change change={change} />)}
            {one.blame.map((blame) => <p class="small">Blamed: <Says text={blame.edit} /></p>)}
          </li>
        ))}
      </ul>
    </>
  );
}

const SIGNS: Readonly<Record<string, readonly [string, string, string]>> = {
  "+": ["new", "+", "New"],
  "-": ["gone", "−", "Gone"],
  "~": ["", "~", "Changed"],
  "!": ["gone", "!", "Cannot be judged"],
};

/** A line that begins with the sign of what became of an action, said in words as well. */
function Change({ change }: { change: string }) {
  const [, sign, words] = /^([-+~!]?)\s*([^]*)$/.exec(change)!;
  const [name, shown, said] = SIGNS[sign!] ?? ["", sign, ""];
  return (
    <p class={`delta ${name}`}>
      {sign && <><span aria-hidden="true">{shown} </span><span class="hidden-text">{said}: </span></>}{words}
    </p>
  );
}
