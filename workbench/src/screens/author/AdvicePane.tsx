/** What the rules as they are now say of the situation, why they say it, and why they do not say something else. */

import { useState } from "preact/hooks";

import type { Advice, Card, Line, Wait, Why } from "../../api";
import { longDay } from "../../parts/days";
import { useWhole } from "../../state";
import { useDesk, useMayMakeTests, useTexts } from "./desk";
import { MakeTest } from "./MakeTest";
import { useAsked } from "./asking";
import { WhyNot } from "./WhyNot";

export function AdvicePane() {
  const desk = useDesk();
  const advice = useWhole((state) => state.advice);
  const stale = useWhole((state) => state.stale);
  const busy = useWhole((state) => state.busy);
  const day = useWhole((state) => state.day);
  const mayMakeTests = useMayMakeTests();
  const trying = useWhole((state) => state.trying);
  const [asking, setAsking] = useState<"why not" | "test" | null>(null);
  const shown = advice?.report?.as_of ?? day ?? desk.workbench.today;
  // What is wrong with the whole has no place in a text: a rule that goes on for ever, for one.
  const nowhere = (advice?.diagnostics ?? []).filter((one) => one.file === null && one.line === null);
  const isOld = advice !== null && (advice.rules === "before" || (stale && !busy));
  return (
    <section class="pane advice-pane" aria-labelledby="advice-title">
      <div class="pane-head">
        <h2 id="advice-title">Advice</h2>
        {shown && <time class="quiet small" dateTime={shown}>{longDay(shown)}</time>}
        <button type="button" onClick={() => setAsking("why not")}>Why not…</button>
        {mayMakeTests && advice?.report && <button type="button" onClick={() => setAsking("test")}>Make it a test</button>}
      </div>
      <div class="scroll">
        {isOld && <p class="of-before" role="status">{advice.rules === "before" ? "of the rules before your last edit" : "of the texts before your last edit"}</p>}
        {nowhere.map((one) => <p class="said mistake words" role="alert"><code>{one.code}</code> {one.message}</p>)}
        {trying && (
          <p class="tried" role="status">
            Only tried: {trying.sentence}
            <button type="button" onClick={() => void desk.workbench.endTrying(true)}>Put it in</button>
            <button type="button" class="plain" onClick={() => void desk.workbench.endTrying(false)}>Back</button>
          </p>
        )}
        {asking === "why not" && <WhyNot onClose={() => setAsking(null)} />}
        {asking === "test" && <MakeTest of="advice" onClose={() => setAsking(null)} />}
        {advice ? <Shown advice={advice} isOld={isOld} /> : <p class="quiet">No advice yet.</p>}
      </div>
    </section>
  );
}

function Shown({ advice, isOld }: { advice: Advice; isOld: boolean }) {
  const { sentences } = advice;
  return (
    <div class={isOld ? "old" : ""}>
      {advice.cards.length === 0 && sentences?.headline && <p class="first-line">{sentences.headline}</p>}
      <ol class="advised-list">{advice.cards.map((card) => <Step key={card.id} card={card} />)}</ol>
      {advice.more.length > 0 && (
        <details>
          <summary>{sentences?.folded ?? `${advice.more.length} more`}</summary>
          <ol class="advised-list">{advice.more.map((card) => <Step key={card.id} card={card} />)}</ol>
        </details>
      )}
      <Lines title="Be careful" lines={advice.careful} />
      <Later title="Meanwhile" all={advice.waits} />
      <Later title="Coming" all={advice.coming} />
      <Lines title="With the next message" lines={advice.riding} />
      <Lines title="Left out" lines={advice.skipped} />
      <Always all={advice.always} />
      {sentences?.next_change_sentence && <p class="quiet small">{sentences.next_change_sentence}</p>}
    </div>
  );
}

function Step({ card }: { card: Card }) {
  return (
    <li class="advised">
      <p>
        {card.number !== null && <span class="number">{card.number}</span>} <strong>{card.title}</strong>
        <span class="quiet small"> {[card.scope_name, card.by_words].filter(Boolean).join(" · ")}</span>
      </p>
      {card.may.why && <Reasons id={card.id} />}
    </li>
  );
}

function Later({ title, all }: { title: string; all: readonly (Card | Wait)[] }) {
  if (!all.length) return null;
  return (
    <details>
      <summary>{title}: {all.length}</summary>
      <ul>
        {all.map((one) => "sentence" in one
          ? <li>{one.sentence}{one.id && <Reasons id={one.id} />}</li>
          : <li>{one.title} <span class="quiet small">{one.by_words}</span>{one.may.why && <Reasons id={one.id} />}</li>)}
      </ul>
    </details>
  );
}

function Lines({ title, lines }: { title: string; lines: readonly Line[] }) {
  if (!lines?.length) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="advised-list">{lines.map((line) => <li class="advised"><p>{line.title}</p><Reasons id={line.id} /></li>)}</ul>
    </>
  );
}

function Always({ all }: { all: readonly string[] }) {
  if (!all?.length) return null;
  return <details><summary>All the time: {all.length}</summary><ul>{all.map((one) => <li>{one}</li>)}</ul></details>;
}

/** Why something is advised, asked for when it is unfolded; each rule in it can be gone to. */
function Reasons({ id }: { id: string }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details class="because" onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>Why</summary>
      {isOpen && <ReasonsShown id={id} />}
    </details>
  );
}

function ReasonsShown({ id }: { id: string }) {
  const desk = useDesk();
  const texts = useTexts();
  const day = useWhole((state) => state.day);
  const asked = useAsked<Why>((signal) => desk.workbench.ask("why", { id, ...(day ? { as_of: day } : {}) }, signal), [id, texts, day], 100);
  if (asked.problem) return <p class="words">{asked.problem.words}</p>;
  if (!asked.value) return <p class="quiet" role="status">Asking…</p>;
  return (
    <>
      {asked.value.paragraphs.map((paragraph) => <p class="words">{paragraph}</p>)}
      <p class="buttons">{rulesIn(asked.value.tree).map((rule) => <GoToRule rule={rule} />)}</p>
    </>
  );
}

function GoToRule({ rule }: { rule: string }) {
  const desk = useDesk();
  async function go(): Promise<void> {
    const found = await desk.workbench.trouble(desk.ask("rules", {}));
    const one = found?.rules.find((each) => each.id === rule);
    if (one) desk.open(one.file, { line: one.line, column: 1 });
    else desk.workbench.tell(`The rule ${rule} is in none of the files that can be shown.`, "trouble");
  }
  return <button type="button" class="plain" onClick={() => void go()}>Go to {rule}</button>;
}

/** The rules in an explanation, each once, as they come. */
function rulesIn(tree: unknown): string[] {
  const found = new Set<string>();
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(walk);
    else if (node && typeof node === "object")
      for (const [key, value] of Object.entries(node)) {
        if (key === "rule" && typeof value === "string") found.add(value);
        else walk(value);
      }
  };
  walk(tree);
  return [...found];
}
