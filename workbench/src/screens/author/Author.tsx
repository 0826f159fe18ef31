/** The author's view: rules, a situation and its advice side by side, and below them what the rules are worth. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import type { Diagnostic } from "../../api";
import { AdvicePane } from "./AdvicePane";
import { useAsked } from "./asking";
import { Checks } from "./Checks";
import { type Desk, DeskContext, type Pane, useNewDesk, useTexts, useUnsavedRules } from "./desk";
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
  useWarning(useUnsavedRules().some((file) => desk.workbench.file(file)?.may_save));

  const checked = useAsked((signal) => desk.ask("check", {}, signal), [texts], 200);
  const mistakes = useMemo(
    () => checked.problem?.diagnostics ?? checked.value?.diagnostics ?? [],
    [checked.value, checked.problem],
  );
  const { rule, isLooking } = useRuleAt(desk, cursor.line, texts);
  const found = findings && findings.of === texts ? findings.found : null;
  const diagnostics = useMemo(() => [...mistakes, ...(found ?? []).filter((one) => one.severity === "finding")], [mistakes, found]);

  return (
    <DeskContext.Provider value={desk}>
      <div class="bench" data-pane={desk.pane}>
        <h1 class="hidden-text">Rules, situation and advice</h1>
        <nav class="panes" aria-label="Parts of this page">
          {PANES.map(([pane, title]) => (
            <button type="button" class="plain" aria-pressed={desk.pane === pane} onClick={() => desk.show(pane)}>{title}</button>
          ))}
        </nav>
        <RulesPane diagnostics={diagnostics} rule={rule} isLooking={isLooking} cursor={cursor} onMoved={setCursor} />
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

/** Milliseconds until it is asked which rule the cursor is in; after an edit, what the edit breaks comes first. */
const AFTER_A_MOVE = 250;
const AFTER_AN_EDIT = 1200;

/** The rule on a line of the open file; asked for again when the cursor leaves it or the texts change. */
function useRuleAt(desk: Desk, line: number, texts: unknown): { rule: RuleAt; isLooking: boolean } {
  const { file } = desk;
  const last = useRef<{ file: string; texts: unknown; rule: RuleAt } | null>(null);
  const kept = last.current;
  const isInside = kept?.file === file && kept.texts === texts && isOn(kept.rule, line);
  const looked = useAsked(
    file && !isInside
      ? async (signal) => {
          const rule = await desk.ask("rule_at", { file, line }, signal);
          if (!signal.aborted) last.current = { file, texts, rule };
          return rule;
        }
      : null,
    [file, isInside ? "inside" : line, texts],
    kept !== null && kept.texts !== texts ? AFTER_AN_EDIT : AFTER_A_MOVE,
  );
  return { rule: looked.value ?? {}, isLooking: looked.busy };
}

const isOn = ({ line, end_line }: RuleAt, at: number): boolean =>
  line !== undefined && end_line !== undefined && line <= at && at <= end_line;

/** Ask before the page is left as long as something is not saved. */
function useWarning(isUnsaved: boolean): void {
  useEffect(() => {
    if (!isUnsaved) return undefined;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", warn);
    return () => removeEventListener("beforeunload", warn);
  }, [isUnsaved]);
}
