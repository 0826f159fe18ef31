import { useId, useState } from "preact/hooks";
import type { Card, Day, Field, NewText, Question } from "../api";
import { isDoubt } from "../host";
import { inWords, useWorkbench } from "../state";
import { plusDays, shortDay } from "./days";
import { Fields, defaults, filled, sentence, type Values } from "./Fields";
import { Message } from "./Message";
import { Outline } from "./Outline";
import { useAnswer } from "./use";

interface Props {
  card: Card;
  /** The one thing to do first, with its message at hand. */
  lead?: boolean;
  /** The day whose advice it is; null is today, and only then it can be done. */
  day: Day | null;
  level: 2 | 3;
  /** Where the focus goes when the step has gone. */
  onGone?(): void;
}

type Open = "draft" | "done" | "skip" | "why" | null;

/** One step: what to do, by when, and what a person may do about it. */
export function Step({ card, lead = false, day, level, onGone }: Props) {
  const workbench = useWorkbench();
  const id = useId();
  const [open, show] = useState<Open>(lead && card.may.draft ? "draft" : null);
  const [asks, ask] = useState<Question[]>([]);
  const [trouble, tell] = useState("");
  const [sure, doubt] = useState<(() => void) | null>(null);
  const isToday = day === null;
  const toggle = (one: Open) => { tell(""); doubt(null); show(open === one ? null : one); };

  const put = async (found: NewText) => {
    const file = workbench.situation;
    if (!file) return;
    show(null);
    onGone?.();
    const left = found.left?.length ? `. Still open: ${found.left.map((one) => one.title).join("; ")}` : "";
    await workbench.put(file.id, found.text, found.sentence + left);
  };
  const done = async (said: Values = {}, isSure = false) => {
    const { event, ...fields } = said;
    tell("");
    doubt(null);
    try {
      const found = await workbench.ask("done", { id: card.id, fields, ...(event ? { event: String(event) } : {}), ...(isSure ? { sure: true } : {}) });
      if (!("asks" in found)) return void put(found);
      ask(found.asks);
      show("done");
    } catch (error) {
      tell(inWords(error));
      if (isDoubt(error)) doubt(() => () => void done(said, true));
    }
  };
  const skip = async (until: Day | null) => {
    try {
      await put(await workbench.ask("skip", { id: card.id, ...(until ? { until } : {}) }));
    } catch (error) {
      tell(inWords(error));
    }
  };

  const [head, tail] = splitTitle(card.title);
  const Head = `h${level}` as "h2";
  const Button = ({ what, children }: { what: Exclude<Open, null>; children: string }) => (
    <button type="button" aria-expanded={open === what} aria-controls={`${id}-${what}`} onClick={() => toggle(what)}>
      {children}<span class="hidden-text">: {card.title}</span>
    </button>
  );
  return (
    <article class={`card${lead ? " lead" : ""}`} aria-labelledby={id} data-id={card.id} data-number={card.number ?? undefined}>
      <Head id={id}>{head && <span class="to">{head}: </span>}{tail}</Head>
      {card.by_words && <p class={`when ${card.tone === "lost soon" ? "soon" : ""}`}>{sentence(card.by_words)}</p>}
      {card.why && <p class="reason">{card.why}</p>}
      {lead && !card.may.draft && card.do.length > 0 && <ul class="todo">{card.do.map((text) => <li>{text}</li>)}</ul>}
      <p class="ways">
        {card.may.draft && <Button what="draft">{lead ? "Message" : "Message to copy"}</Button>}
        {isToday && card.may.done && (
          <button type="button" class={lead ? "first" : ""} onClick={() => void done()}>Done<span class="hidden-text">: {card.title}</span></button>
        )}
        {isToday && card.may.skip && <Button what="skip">Not now</Button>}
        {card.may.why && <Button what="why">Why</Button>}
      </p>
      {trouble && <p role="alert" class="trouble">{trouble}</p>}
      {sure && <p class="ways"><button type="button" onClick={sure}>Save all the same</button></p>}
      <div id={`${id}-draft`} hidden={open !== "draft"}>{open === "draft" && <Message id={card.id} title={card.title} day={day} />}</div>
      <div id={`${id}-skip`} hidden={open !== "skip"}>{open === "skip" && <NotNow today={workbench.today!} onSkip={skip} />}</div>
      <div id={`${id}-done`} hidden={open !== "done"}>{open === "done" && <Asked asks={asks} onAnswer={done} />}</div>
      <div id={`${id}-why`} hidden={open !== "why"}>{open === "why" && <Reasons card={card} day={day} level={level} />}</div>
    </article>
  );
}

/** `Write to Dana, Acme: ask` as whom it is about, and what. */
function splitTitle(title: string): [string, string] {
  const at = title.indexOf(": ");
  return at < 0 ? ["", title] : [title.slice(0, at), title.slice(at + 2)];
}

function NotNow({ today, onSkip }: { today: Day; onSkip(until: Day | null): void }) {
  const id = useId();
  const [until, set] = useState(plusDays(today, 7));
  return (
    <div class="choice">
      <p>Until when shall it be left out?</p>
      <p class="ways">
        {([["Tomorrow", 1], ["In 3 days", 3], ["In a week", 7]] as const).map(([name, days]) => (
          <button type="button" key={days} onClick={() => onSkip(plusDays(today, days))}>{name}<span class="quiet"> {shortDay(plusDays(today, days))}</span></button>
        ))}
        <button type="button" onClick={() => onSkip(null)}>For good</button>
      </p>
      <form class="ways" onSubmit={(event) => { event.preventDefault(); onSkip(until); }}>
        <label for={id}>Or until</label>
        <input id={id} type="date" required min={plusDays(today, 1)} value={until} onInput={(event) => set(event.currentTarget.value)} />
        <button type="submit">Leave out until then</button>
      </form>
    </div>
  );
}

/** What only the person knows; one that offers `or` is answered by any of them. */
function Asked({ asks, onAnswer }: { asks: Question[]; onAnswer(values: Values): void }) {
  const fields = asks.flatMap((one) => [{ ...PLAIN, required: !one.or?.length, ...one }, ...(one.or ?? []).map((other) => ({ ...other, required: false }))]);
  const [values, set] = useState<Values>(defaults(fields));
  return (
    <form class="choice" onSubmit={(event) => { event.preventDefault(); onAnswer(filled(values, fields)); }}>
      <Fields fields={fields} values={values} onChange={set} />
      <p class="ways"><button type="submit" class="first">Save</button></p>
    </form>
  );
}

const PLAIN: Omit<Field, "name" | "title" | "required"> = { type: "text", choices: null, many: false, one_of: [], default: null };

/** Why a step is advised, in words, with what to avoid and where it is written. */
export function Reasons({ card, day, level }: { card: Card; day: Day | null; level: 2 | 3 }) {
  const { answer, failed } = useAnswer("why", { id: card.id, ...(day ? { as_of: day } : {}) });
  const Head = level === 2 ? "h3" : "h4";
  return (
    <div class="choice why">
      <Points head={Head} name="How" texts={card.do} />
      <Points head={Head} name="Better not" texts={card.avoid} />
      {failed && <p role="alert">{failed}</p>}
      {answer ? <Points head={Head} name="What it rests on" texts={answer.paragraphs} /> : !failed && <p class="quiet">Looking…</p>}
      {card.sources.length > 0 && (
        <>
          <Head class="part">Where it is from</Head>
          <ul>{card.sources.map((one) => <li>{one.url ? <a href={one.url} rel="noreferrer" target="_blank">{one.title}</a> : one.title} <span class="quiet">{one.cited !== one.title && one.cited}</span></li>)}</ul>
        </>
      )}
      {answer && (
        <details>
          <summary>All of it, rule by rule</summary>
          <Outline branches={answer.outline.map((one) => ({ text: one.title, branches: one.branches }))} />
        </details>
      )}
    </div>
  );
}

function Points({ head: Head, name, texts }: { head: "h3" | "h4"; name: string; texts: string[] }) {
  return texts.length ? <><Head class="part">{name}</Head><ul>{texts.map((text) => <li>{text}</li>)}</ul></> : null;
}
