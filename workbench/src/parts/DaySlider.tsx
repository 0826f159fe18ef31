import { useId } from "preact/hooks";
import type { ChangeDay, Day, Days } from "../api";
import { daysBetween, longDay, plusDays, shortDay } from "./days";

interface Props {
  days: Days;
  /** The day looked at. */
  day: Day;
  onDay(day: Day): void;
  label: string;
}

/** The stop on this day, if the advice changes on it; on the first of the days it is only what it is. */
export const stopOn = (days: Days, day: Day): ChangeDay | undefined =>
  days.days.find((one) => one.day === day && day !== days.first);

const later = (days: Days, day: Day) => days.days.find((one) => one.day > day)?.day;
const earlier = (days: Days, day: Day) => days.days.findLast((one) => one.day < day)?.day ?? (day > days.first ? days.first : undefined);

/**
 * The days ahead as a range input with a mark on each day that changes the advice.
 *
 * Arrow keys go a day, Page Up and Page Down to the next and the last change, Home and End to the ends, T to today.
 */
export function DaySlider({ days, day, onDay, label }: Props) {
  const help = useId();
  const length = daysBetween(days.first, days.last);
  const at = Math.min(Math.max(daysBetween(days.first, day), 0), length);
  const next = later(days, day), last = earlier(days, day);
  const go = (to: Day | undefined) => { if (to) onDay(to); };
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const to = { PageUp: next ?? days.last, PageDown: last ?? days.first, t: days.first, T: days.first }[event.key];
    if (!to) return;
    event.preventDefault();
    onDay(to);
  };
  const stop = stopOn(days, day);
  const changes = stop ? `, ${stop.new.length} new, ${stop.gone.length} gone` : "";
  return (
    <div class="days">
      <div class="way">
        <input type="range" min={0} max={length} step={1} value={at} aria-label={label} aria-describedby={help}
          aria-valuetext={`${longDay(day)}${day === days.first ? ", today" : ""}${changes}`}
          onInput={(event) => onDay(plusDays(days.first, Number(event.currentTarget.value)))} onKeyDown={onKey} />
        <svg class="stops" aria-hidden="true" width="100%" height="14">
          {days.days.filter((one) => one.day !== days.first).map((one) => (
            <circle key={one.day} class={one.day === day ? "stop here" : "stop"} cx={`${(daysBetween(days.first, one.day) / (length || 1)) * 100}%`} cy="7" r={one.day === day ? 5 : 3.5} />
          ))}
        </svg>
        <svg class="scale" aria-hidden="true" width="100%" height="18">
          {marksOf(days, length).map(({ text, share, anchor }) => <text x={`${share}%`} y="13" text-anchor={anchor}>{text}</text>)}
        </svg>
      </div>
      <p class="ways">
        <button type="button" disabled={!last} onClick={() => go(last)}><span aria-hidden="true">←</span> Change before</button>
        <button type="button" disabled={!next} onClick={() => go(next)}>Next change <span aria-hidden="true">→</span></button>
        <button type="button" class="plain" disabled={day === days.first} onClick={() => go(days.first)}>Today</button>
      </p>
      <p class="hidden-text" id={help}>Arrow keys go a day, Page Up and Page Down from change to change, Home and End to the ends, T to today.</p>
    </div>
  );
}

/** Days in words under the slider: both ends, and the months between them where they have room. */
function marksOf(days: Days, length: number) {
  const marks = [{ text: "today", share: 0, anchor: "start" as const }, { text: shortDay(days.last).slice(4), share: 100, anchor: "end" as const }];
  for (let day = 1; day < length; day++) {
    const one = plusDays(days.first, day), share = (day / length) * 100;
    if (one.endsWith("-01") && share > 14 && share < 84)
      marks.splice(-1, 0, { text: shortDay(one).slice(4), share, anchor: "middle" as never });
  }
  return marks;
}

/** What a day brings and takes, read out when it comes. */
export function DayChange({ days, day }: { days: Days; day: Day }) {
  const stop = stopOn(days, day);
  const next = later(days, day);
  return (
    <div class="change" role="status" aria-live="polite" aria-atomic="true">
      <p><strong>{longDay(day)}</strong>{day === days.first && ", today"}</p>
      {stop && stop.new.length + stop.gone.length + stop.moved.length === 0 && <p class="quiet">The same steps, with other details.</p>}
      {stop ? (
        <ul class="gained">
          {stop.new.map((one) => <li class="new"><span class="sign">New</span> {one}</li>)}
          {stop.moved.map((one) => <li class="moved"><span class="sign">Moved</span> {one}</li>)}
          {stop.gone.map((one) => <li class="gone"><span class="sign">Gone</span> {one}</li>)}
        </ul>
      ) : (
        <p class="quiet">{day === days.first ? "" : "Nothing changes on this day. "}{next ? `The next change is on ${longDay(next)}.` : "Nothing changes after it, as far as can be seen."}</p>
      )}
    </div>
  );
}
