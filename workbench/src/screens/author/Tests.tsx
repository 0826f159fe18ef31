/** Scenario tests, run while somebody types, those of the edited rules first; those that fail are shown first. */

import { useEffect, useRef, useState } from "preact/hooks";

import { useWhole } from "../../state";
import { type Problem, problemOf } from "./asking";
import { useDesk } from "./desk";
import type { RuleAt, TestLine, TestsDone } from "./methods";

/** Milliseconds without a change until the tests run. */
const PAUSE = 600;

export interface TestRun {
  results: readonly TestResult[];
  passed: number;
  failed: number;
  busy: boolean;
  problem: Problem | null;
  stop: () => void;
}

/** A test's result; `old` where it is of the texts before the last edit. */
export interface TestResult extends TestLine {
  old: boolean;
}

export function useTests(texts: unknown, isReady: boolean): TestRun {
  const desk = useDesk();
  const latest = useRef(desk);
  latest.current = desk;
  const given = useRef<AbortController | null>(null);
  const [results, setResults] = useState<ReadonlyMap<string, TestResult>>(new Map());
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  useEffect(() => {
    setResults((before) => new Map([...before].map(([key, one]) => [key, { ...one, old: true }])));
    if (!isReady) return undefined;
    const control = new AbortController();
    given.current = control;
    void (async () => {
      try {
        await rest(PAUSE, control.signal);
        setBusy(true);
        setProblem(null);
        const all = await stream();
        setResults((now) => new Map([...now].filter(([key]) => all.has(key))));
        setBusy(false);
      } catch (error) {
        if (control.signal.aborted) return;
        setBusy(false);
        setProblem(problemOf(error));
      }
    })();
    return () => {
      control.abort(new DOMException("given up", "AbortError"));
      setBusy(false);
    };

    async function stream(): Promise<Set<string>> {
      const seen = new Set<string>();
      let kept: [string, TestResult][] = [];
      const show = () => {
        const now = kept;
        kept = [];
        setResults((before) => new Map([...before, ...now]));
      };
      const ticking = setInterval(show, 200);
      try {
        await latest.current.stream("tests", {}, (line: TestLine | TestsDone) => {
          if ("done" in line) return;
          const key = `${line.file} ${line.name}`;
          seen.add(key);
          kept.push([key, { ...line, old: false }]);
        }, control.signal);
      } finally {
        clearInterval(ticking);
        if (!control.signal.aborted) show();
      }
      return seen;
    }
  }, [texts, isReady]);

  const all = [...results.values()];
  const failed = all.filter((one) => !one.passed).length;
  return {
    results: all, failed, passed: all.length - failed, busy, problem,
    stop: () => {
      given.current?.abort(new DOMException("given up", "AbortError"));
      setBusy(false);
    },
  };
}

function rest(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}

export const useHasTests = () => useWhole((state) => Object.values(state.files).some((file) => file.kind === "tests"));

const MOST_SHOWN = 100;

export function Tests({ run, rule, blocked }: { run: TestRun; rule: RuleAt; blocked: boolean }) {
  const desk = useDesk();
  const [which, setWhich] = useState<"all" | "rule" | "file">("all");
  const ofRule = new Set((rule.tests ?? []).map((one) => `${one.file} ${one.name}`));
  const chosen = run.results.filter((one) =>
    which === "all" || (which === "file" ? one.file === desk.file : ofRule.has(`${one.file} ${one.name}`)));
  const sorted = [...chosen].sort((one, other) => Number(one.passed) - Number(other.passed));
  const failed = chosen.filter((one) => !one.passed).length;
  const hasTests = useHasTests();
  return (
    <>
      <div class="panel-head">
        <p role="status">
          {!hasTests ? "There are no tests here." : run.results.length === 0 && !run.busy ? "No test has run yet." : `${failed} of ${chosen.length} ${failed === 1 ? "fails" : "fail"}`}
          {run.busy && " · running…"}
          {blocked && " · the tests wait until the rules have no mistakes"}
        </p>
        <label class="picker">
          <span class="hidden-text">Which tests</span>
          <select value={which} onChange={(event) => setWhich(event.currentTarget.value as "all")}>
            <option value="all">All tests</option>
            <option value="rule" disabled={!rule.id}>Of the rule at the cursor</option>
            <option value="file">Of the open file</option>
          </select>
        </label>
        {run.busy && <button type="button" class="plain" onClick={run.stop}>Stop</button>}
      </div>
      {run.problem && !blocked && <p class="words" role="alert">{run.problem.words}</p>}
      <ul class="results">
        {sorted.slice(0, MOST_SHOWN).map((one) => <Result key={`${one.file} ${one.name}`} one={one} />)}
      </ul>
      {sorted.length > MOST_SHOWN && <p class="quiet small">and {sorted.length - MOST_SHOWN} more</p>}
    </>
  );
}

function Result({ one }: { one: TestResult }) {
  const desk = useDesk();
  return (
    <li class={one.old ? "old" : ""}>
      <p>
        <span class={one.passed ? "sign good" : "sign bad"} aria-hidden="true">{one.passed ? "✓" : "✕"}</span>
        {" "}<strong>{one.name}</strong> <span class="quiet small">{desk.name(one.file)} · {one.passed ? "passes" : "fails"}{one.old && " · before your last edit"}</span>
        {" "}<button type="button" class="plain" aria-label={`Go to ${one.name}`} onClick={() => desk.open(one.file, { line: one.line, column: 1 })}>Go to</button>
      </p>
      {one.failures.map((failure) => <p class="words failure">{failure.message}</p>)}
    </li>
  );
}
