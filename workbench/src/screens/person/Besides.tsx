import { useState } from "preact/hooks";
import type { Advice, Card, Day, Wait } from "../../api";
import { inWords, useWorkbench } from "../../state";
import { shortDay } from "../../parts/days";

/** What is waited for, with the day on which the waiting ends. */
export function Waits({ waits }: { waits: Wait[] }) {
  if (!waits.length) return null;
  return (
    <section class="waits" aria-labelledby="waits">
      <h2 id="waits">Waiting for</h2>
      <ul class="lines">
        {waits.map((one) => <li><span class="line">{one.title}</span>{one.until && <time class="time" dateTime={one.until}>until {shortDay(one.until)}</time>}</li>)}
      </ul>
    </section>
  );
}

/** What comes up, each with its day; the slider goes there. */
export function Coming({ coming, onDay }: { coming: Card[]; onDay(day: Day): void }) {
  if (!coming.length) return null;
  const go = (day: Day) => {
    onDay(day);
    document.querySelector(".section-ahead")?.scrollIntoView();
  };
  return (
    <section class="coming" aria-labelledby="coming">
      <h2 id="coming">Coming up</h2>
      <ul class="lines">
        {coming.map((card) => (
          <li key={card.id}>
            <span class="line">{card.title}</span>
            {card.by && <button type="button" class="plain time" aria-label={`${shortDay(card.by)}: look at this day`} onClick={() => go(card.by!)}>{shortDay(card.by)}</button>}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What is in the advice and is no step: what to take care with, what holds all the time, what was left out. */
export function Beside({ advice }: { advice: Advice }) {
  const workbench = useWorkbench();
  const [trouble, tell] = useState("");
  const unskip = async (id: string) => {
    try {
      const found = await workbench.ask("unskip", { id });
      await workbench.put(workbench.state.start!.situation, found.text, found.sentence);
    } catch (error) {
      tell(inWords(error));
    }
  };
  return (
    <>
      <Part heading="Take care" lines={advice.careful} isOpen />
      <Part heading="With the next message" lines={advice.riding} />
      <Part heading="All the time" lines={advice.always.map((title) => ({ id: title, title }))} />
      <Part heading="Left out" lines={advice.skipped} onUnskip={unskip} />
      {trouble && <p role="alert" class="trouble">{trouble}</p>}
    </>
  );
}

interface PartProps {
  heading: string;
  lines: { id: string; title: string }[];
  isOpen?: boolean;
  onUnskip?(id: string): void;
}

function Part({ heading, lines, isOpen = false, onUnskip }: PartProps) {
  if (!lines.length) return null;
  return (
    <details class="part" open={isOpen}>
      <summary><h2>{heading}</h2><span class="quiet">{lines.length}</span></summary>
      <ul class="lines">
        {lines.map((line) => (
          <li key={line.id}>
            <span class="line">{line.title}</span>
            {onUnskip && <button type="button" class="plain" onClick={() => onUnskip(line.id)}>Advise it again<span class="hidden-text">: {line.title}</span></button>}
          </li>
        ))}
      </ul>
    </details>
  );
}
