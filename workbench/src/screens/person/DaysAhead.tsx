import type { Day } from "../../api";
import { useWhole } from "../../state";
import { DayChange, DaySlider } from "../../parts/DaySlider";
import { longDay } from "../../parts/days";
import { Step } from "../../parts/Step";
import { useAnswer } from "../../parts/use";

/** The days ahead on a slider, and what there is to do on the one that it stands on if nothing happens till then. */
export function DaysAhead({ day, onDay }: { day: Day | null; onDay(day: Day | null): void }) {
  const days = useWhole((state) => state.days);
  const shown = day ?? days?.first ?? null;
  const isAhead = days !== null && shown !== days.first;
  const { answer } = useAnswer("advice", isAhead && shown ? { as_of: shown } : null);
  if (!days || !shown) return null;
  const cards = isAhead && answer?.report?.as_of === shown ? [...answer.cards, ...answer.more] : [];
  return (
    <section class="ahead" aria-labelledby="ahead" data-day={isAhead ? answer?.report?.as_of : shown}>
      <h2 id="ahead">Days ahead</h2>
      <p class="quiet small">As it will be if nothing happens till then.</p>
      <DaySlider days={days} day={shown} onDay={(one) => onDay(one === days.first ? null : one)} label="Day looked at" />
      <DayChange days={days} day={shown} />
      {isAhead && cards.length > 0 && (
        <details class="then" open>
          <summary>To do on {longDay(shown)}: {cards.length}</summary>
          {cards.map((card) => <Step key={card.id} card={card} day={shown} level={3} />)}
        </details>
      )}
    </section>
  );
}
