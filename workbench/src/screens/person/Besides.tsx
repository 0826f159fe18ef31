import { useState } from "preact/hooks";
import type { BesidePart, Card, Day, Wait } from "../../api";
import { inWords, useWorkbench } from "../../state";
import { longDay, shortDay } from "../../parts/days";

/** What is waited for, with the day on which the waiting ends. */
export function Waits({ waits }: { waits: Wait[] }) {
  if (!waits.length) return null;
  return (
    <section class="waits" aria-labelledby="waits">
      <h2 id="waits">Waiting for</h2>
      <ul class="lines">
        {waits.map((one) => <li><span class="line">{one.sentence || one.title}</span>{one.until && <time class="time" dateTime={one.until}>until {shortDay(one.until)}</time>}</li>)}
      </ul>
    </section>
  );
}

/** What comes up, each with its day; the slider goes there. */
export function Coming({ coming, onDay }: { coming: (Card | Wait)[]; onDay(day: Day): void }) {
  if (!coming.length) return null;
  return (
    <section class="coming" aria-labelledby="coming">
      <h2 id="coming">Coming up</h2>
      <ul class="lines">
        {coming.map((one) => {
          const day = "by" in one ? one.from ?? one.by : one.until;
          return (
            <li>
              <span class="line">{one.title}</span>
              {day && <button type="button" class="plain time" aria-label={`Look at ${longDay(day)}: ${one.title}`} onClick={() => { onDay(day); document.querySelector(".section-ahead")?.scrollIntoView(); }}>{shortDay(day)}</button>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** What is in the advice and is no step: what to take care with, what holds all the time, what was left out. */
export function Beside({ parts }: { parts: BesidePart[] }) {
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
      {parts.map((part) => (
        <details class="part" key={part.key} open={part.key === "care"}>
          <summary><h2>{part.heading}</h2><span class="quiet">{part.lines.length}</span></summary>
          <ul class="lines">
            {part.lines.map((line) => (
              <li>
                <span class="line">{line.title}{line.whom && <span class="quiet"> {line.whom}</span>}</span>
                {line.when && part.key !== "care" && <span class="time">{line.when}</span>}
                {part.key === "skipped" && <button type="button" class="plain" onClick={() => void unskip(line.id)}>Advise it again<span class="hidden-text">: {line.title}</span></button>}
              </li>
            ))}
          </ul>
        </details>
      ))}
      {trouble && <p role="alert" class="trouble">{trouble}</p>}
    </>
  );
}
