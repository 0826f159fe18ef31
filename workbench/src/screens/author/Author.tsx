/** The author's view: rules, a situation and its advice side by side, and below them what the rules are worth. */

import { useEffect, useMemo, useState } from "preact/hooks";

import type { Diagnostic } from "../../api";
import { AdvicePane } from "./AdvicePane";
import { useAsked } from "./asking";
import { Checks } from "./Checks";
import { DeskContext, type Pane, useNewDesk, useTexts, useUnsavedRules } from "./desk";
import type { RuleAt, Spot } from "./methods";
import { RulesPane } from "./RulesPane";
import { SituationPane } from "./SituationPane";
import "./author.css";

const PANES: readonly (readonly [Pane, string])[] = [
  ["rules", "Rules"],
  ["situation", "Situation"],
  ["advice", "Advice"],
  ["checks", "Checks"],
];

export default function Author() {
  const desk = useNewDesk();
  const texts = useTexts();
  const [cursor, setCursor] = useState<Spot>({ line: 1, column: 1 });
  const [findings, setFindings] = useState<{ of: unknown; found: Diagnostic[] } | null>(null);
  useWarning(useUnsavedRules().length > 0);

  const checked = useAsked((signal) => desk.ask("check", {}, signal), [texts], 200);
  const mistakes = useMemo(
    () => checked.problem?.diagnostics ?? checked.value?.diagnostics ?? [],
    [checked.value, checked.problem],
  );
  const file = desk.file;
  const looked = useAsked(
    file ? (signal) => desk.ask("rule_at", { file, line: cursor.line }, signal) : null, [file, cursor.line, texts], 250,
  );
  const rule: RuleAt = looked.value ?? {};
  const found = findings && findings.of === texts ? findings.found : null;
  const diagnostics = useMemo(() => [...mistakes, ...(found ?? []).filter((one) => one.severity === "finding")], [mistakes, found]);

  return (
    <DeskContext.Provider value={desk}>
      <div class="author" data-pane={desk.pane}>
        <h1 class="hidden-text">Rules, situation and advice</h1>
        <nav class="panes" aria-label="Parts of this page">
          {PANES.map(([pane, title]) => (
            <button type="button" class="plain" aria-pressed={desk.pane === pane} onClick={() => desk.show(pane)}>{title}</button>
          ))}
        </nav>
        <RulesPane diagnostics={diagnostics} rule={rule} cursor={cursor} onMoved={setCursor} />
        <SituationPane diagnostics={diagnostics} />
        <AdvicePane />
        <Checks
          texts={texts}
          rule={rule}
          mistakes={mistakes}
          findings={found}
          onFindings={(all) => setFindings({ of: texts, found: all })}
        />
      </div>
    </DeskContext.Provider>
  );
}

/** Ask before the page is left as long as something is not saved. */
function useWarning(isUnsaved: boolean): void {
  useEffect(() => {
    if (!isUnsaved) return undefined;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [isUnsaved]);
}
