/** What the rules are worth: their tests, coverage, mutants, the advice they change, findings, and all in sentences. */

import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";

import type { Diagnostic } from "../../api";
import { Catalogue } from "./Catalogue";
import { Coverage } from "./Coverage";
import { useDesk, useUnsavedRules } from "./desk";
import { Differences, useDifferences } from "./Differences";
import { Findings, useFindings } from "./Findings";
import type { RuleAt } from "./methods";
import { Mutants } from "./Mutants";
import { Tests, useHasTests, useTests } from "./Tests";

type Tab = "tests" | "coverage" | "mutants" | "diff" | "check" | "catalogue";

interface Props {
  texts: unknown;
  rule: RuleAt;
  mistakes: readonly Diagnostic[];
  findings: readonly Diagnostic[] | null;
  onFindings: (found: Diagnostic[]) => void;
}

export function Checks({ texts, rule, mistakes, findings, onFindings }: Props) {
  const desk = useDesk();
  const [tab, setTab] = useState<Tab>("tests");
  const isEdited = useUnsavedRules().length > 0;
  const inRules = mistakes.filter((one) => one.file === null || desk.workbench.file(one.file)?.kind !== "situation");
  const tests = useTests(texts, useHasTests() && inRules.length === 0);
  const diff = useDifferences(texts, isEdited && inRules.length === 0, isEdited);
  const deep = useFindings(texts, tab === "check" && inRules.length === 0, onFindings);
  const told: Record<Tab, string> = {
    tests: tests.failed ? `${tests.failed} ${tests.failed === 1 ? "fails" : "fail"}` : tests.passed ? `${tests.passed} pass` : "",
    coverage: "",
    mutants: "",
    diff: diff.value?.changed ? `${diff.value.changed} of ${diff.value.of}` : "",
    check: [mistakes.length && `${mistakes.length} ✕`, findings?.length && `${findings.length} △`].filter(Boolean).join(" "),
    catalogue: "",
  };
  return (
    <section class="pane checks-pane" aria-labelledby="checks-title">
      <h2 id="checks-title" class="hidden-text">Checks</h2>
      <Tabs tab={tab} told={told} onChoose={setTab}>
        {tab === "tests" && <Tests run={tests} rule={rule} blocked={inRules.length > 0} />}
        {tab === "coverage" && <Coverage texts={texts} rule={rule} />}
        {tab === "mutants" && <Mutants texts={texts} rule={rule} />}
        {tab === "diff" && <Differences asked={diff} isEdited={isEdited} blocked={inRules.length > 0} />}
        {tab === "check" && <Findings mistakes={mistakes} findings={findings} asked={deep} blocked={inRules.length > 0} />}
        {tab === "catalogue" && <Catalogue texts={texts} />}
      </Tabs>
    </section>
  );
}

const TABS: readonly (readonly [Tab, string])[] = [
  ["tests", "Tests"], ["coverage", "Coverage"], ["mutants", "Mutants"], ["diff", "Diff"], ["check", "Check"], ["catalogue", "Catalogue"],
];

/** Tabs as ARIA has them: one of them takes the focus, arrows go from one to the next. */
function Tabs({ tab, told, onChoose, children }: {
  tab: Tab; told: Record<Tab, string>; onChoose: (tab: Tab) => void; children: ComponentChildren;
}) {
  const list = useRef<HTMLDivElement>(null);
  function key(event: KeyboardEvent): void {
    const at = TABS.findIndex(([one]) => one === tab);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: TABS.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const [chosen] = TABS[(next + TABS.length) % TABS.length]!;
    onChoose(chosen);
    list.current?.querySelector<HTMLElement>(`#tab-${chosen}`)?.focus();
  }
  return (
    <>
      <div class="tabs" role="tablist" aria-label="Checks" ref={list} onKeyDown={key}>
        {TABS.map(([one, title]) => (
          <button
            type="button" role="tab" id={`tab-${one}`} aria-selected={tab === one} aria-controls="checks-panel"
            tabIndex={tab === one ? 0 : -1} onClick={() => onChoose(one)}
          >
            {title}{told[one] && <span class="told"> {told[one]}</span>}
          </button>
        ))}
      </div>
      <div id="checks-panel" class="panel" role="tabpanel" aria-labelledby={`tab-${tab}`} tabIndex={0}>{children}</div>
    </>
  );
}
