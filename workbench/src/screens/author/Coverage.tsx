/** What the tests have seen of the rule at the cursor, edge by edge. */

import { useEffect, useState } from "preact/hooks";

import { problemOf } from "./asking";
import { useDesk } from "./desk";
import { GoTo } from "./GoTo";
import type { CoverageEdge, RuleAt, RuleCoverage } from "./methods";

interface Measured {
  rule: string;
  texts: unknown;
  answer?: RuleCoverage;
  problem?: string;
}

export function Coverage({ texts, rule }: { texts: unknown; rule: RuleAt }) {
  const desk = useDesk();
  const [found, setFound] = useState<Measured | null>(null);
  const [given, setGiven] = useState<AbortController | null>(null);
  useEffect(() => () => given?.abort(), [given]);
  const id = rule.id;
  if (!id) return <p class="quiet">Put the cursor into a rule to see what the tests have seen of it.</p>;

  async function measure(of: string): Promise<void> {
    const control = new AbortController();
    setGiven(control);
    try {
      const answer = await desk.ask("coverage", { rule: of }, control.signal);
      setFound({ rule: of, texts, answer });
    } catch (error) {
      if (!control.signal.aborted) setFound({ rule: of, texts, problem: problemOf(error).words });
    }
    setGiven(null);
  }

  const shown = found?.rule === id ? found : null;
  return (
    <>
      <div class="panel-head">
        <p role="status">
          <code>{id}</code>
          {given ? " · measuring…" : shown?.answer ? ` · ${shown.answer.covered} of ${shown.answer.all} seen` : ""}
          {shown && shown.texts !== texts && " · before your last edit"}
        </p>
        <button type="button" disabled={given !== null} onClick={() => void measure(id)}>Measure coverage</button>
      </div>
      {shown?.problem && <p class="words" role="alert">{shown.problem}</p>}
      <ul class={shown && shown.texts !== texts ? "results old" : "results"}>
        {unseenFirst(shown?.answer?.edges ?? []).map((edge) => (
          <li>
            <span class={edge.covered ? "sign good" : edge.excused ? "sign" : "sign bad"} aria-hidden="true">{edge.covered ? "✓" : edge.excused ? "=" : "○"}</span>
            {" "}{edge.covered ? "seen" : edge.excused ? "need not be seen" : "never seen"}: {edge.sentence}
            {" "}<GoTo file={edge.file} line={edge.line} column={edge.column} />
          </li>
        ))}
      </ul>
    </>
  );
}

const unseenFirst = (edges: readonly CoverageEdge[]): CoverageEdge[] => {
  const rank = (edge: CoverageEdge): number => (edge.covered ? 2 : edge.excused ? 1 : 0);
  return [...edges].sort((one, other) => rank(one) - rank(other));
};
