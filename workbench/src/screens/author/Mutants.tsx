/** Small changes of the rule at the cursor, and whether a test notices each. */

import { useEffect, useState } from "preact/hooks";

import { problemOf } from "./asking";
import { useDesk } from "./desk";
import { GoTo } from "./GoTo";
import type { MutantLine, RuleAt } from "./methods";

interface Tried {
  rule: string;
  texts: unknown;
  lines: readonly MutantLine[];
  done: boolean;
  problem: string;
}

export function Mutants({ texts, rule }: { texts: unknown; rule: RuleAt }) {
  const desk = useDesk();
  const [tried, setTried] = useState<Tried | null>(null);
  const [given, setGiven] = useState<AbortController | null>(null);
  useEffect(() => () => given?.abort(), [given]);
  const id = rule.id;
  if (!id) return <p class="quiet">Put the cursor into a rule to change it a little and see whether a test notices.</p>;

  async function attempt(of: string): Promise<void> {
    const control = new AbortController();
    const change = (next: (now: Tried) => Tried) =>
      control.signal.aborted || setTried((now) => next(now ?? { rule: of, texts, lines: [], done: false, problem: "" }));
    setGiven(control);
    setTried({ rule: of, texts, lines: [], done: false, problem: "" });
    try {
      await desk.stream("mutants", { rule: of }, (line) => {
        if (!("done" in line)) change((now) => ({ ...now, lines: [...now.lines, line] }));
      }, control.signal);
      change((now) => ({ ...now, done: true }));
    } catch (error) {
      change((now) => ({ ...now, problem: problemOf(error).words }));
    }
    setGiven(null);
  }

  const shown = tried?.rule === id ? tried : null;
  const isOld = shown !== null && shown.texts !== texts;
  const killed = shown?.lines.filter((line) => line.killed).length ?? 0;
  const counted = shown?.lines.filter((line) => line.same === null).length ?? 0;
  const rank = (line: MutantLine): number => (line.same !== null ? 2 : line.killed ? 1 : 0);
  const sorted = [...(shown?.lines ?? [])].sort((one, other) => rank(one) - rank(other));
  return (
    <>
      <div class="panel-head">
        <p role="status">
          <code>{id}</code>
          {shown && ` · ${killed} of ${counted} noticed`}
          {given ? " · trying…" : shown && !shown.done && !shown.problem ? " · stopped" : ""}
          {isOld && " · before your last edit"}
        </p>
        {given
          ? <button type="button" onClick={() => { given.abort(); setGiven(null); }}>Stop</button>
          : <button type="button" onClick={() => void attempt(id)}>Try mutants</button>}
      </div>
      {shown?.problem && <p class="words" role="alert">{shown.problem}</p>}
      <ul class={isOld ? "results old" : "results"}>
        {sorted.map((one) => (
          <li>
            <span class={one.killed ? "sign good" : one.same !== null ? "sign" : "sign bad"} aria-hidden="true">{one.killed ? "✓" : one.same !== null ? "=" : "○"}</span>
            {" "}{one.killed ? "noticed" : one.same !== null ? "means the same" : "no test notices"}: {one.sentence}
            {one.same !== null && <span class="quiet small"> {one.same}</span>}
            {" "}<GoTo file={one.file} line={one.line} column={one.column} />
            {one.by && <GoTo file={one.by.file} line={one.by.line} name={one.by.name} />}
          </li>
        ))}
      </ul>
    </>
  );
}
