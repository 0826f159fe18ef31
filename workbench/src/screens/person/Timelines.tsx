import { useState } from "preact/hooks";
import type { Course, Timeline, TimelineEvent } from "../../api";
import { inWords, useWhole, useWorkbench } from "../../state";
import { sentence } from "../../parts/Fields";
import { shortDay } from "../../parts/days";

/** What happened in each application and what lies ahead, each on the same scale of days. */
export function Timelines() {
  const timeline = useWhole((state) => state.timeline);
  const words = useWhole((state) => state.start!.words);
  if (!timeline?.courses.length) return null;
  return (
    <section class="courses" aria-labelledby="courses">
      <h2 id="courses">{sentence(words.scopes ?? `Each ${words.scope ?? "record"}`)}</h2>
      <Legend />
      {timeline.courses.map((course) => <One key={course.scope ?? ""} course={course} timeline={timeline} />)}
    </section>
  );
}

const LOOKS = [["good", "in good time"], ["late", "past its best day"], ["possible", "possible"], ["pause", "waiting"]] as const;

function Legend() {
  return (
    <ul class="legend small quiet">
      {LOOKS.map(([look, says]) => (
        <li><svg width="26" height="10" aria-hidden="true"><rect class={`bar ${look}`} x="1" y="0.5" width="24" height="9" /></svg>{says}</li>
      ))}
      <li><svg width="11" height="11" aria-hidden="true"><circle class="dot" cx="5.5" cy="5.5" r="4.5" /></svg>event</li>
      <li><svg width="11" height="11" aria-hidden="true"><circle class="dot ahead" cx="5.5" cy="5.5" r="4.5" /></svg>day to come</li>
    </ul>
  );
}

function One({ course, timeline }: { course: Course; timeline: Timeline }) {
  const latest = course.events.at(-1);
  const now = timeline.today;
  const weeks = timeline.weeks.map((week) => <line class="week" x1={week.at} x2={week.at} y1="0" y2="100%" />);
  const isEmpty = !course.earlier && !course.events.length && !course.lanes.length;
  return (
    <article class={`course${course.over && !isEmpty ? " over" : ""}`} aria-label={course.name}>
      <h3>{course.scope === null ? sentence(course.name) : course.name}</h3>
      {course.about && <p class="quiet small">{course.about}</p>}
      {isEmpty && <p class="quiet small">Nothing is written down yet: “What happened?” takes it.</p>}
      {(course.lanes.length > 0 || course.marks.length > 0) && (
        <div class="timeline" role="group" aria-label={`Timeline: ${course.name}`}>
          <div class="lane head">
            <p class="label quiet">{course.earlier > 0 && `${course.earlier} earlier`}</p>
            <svg class="axis" width="100%" height="20" aria-hidden="true">
              {timeline.weeks.map((week) => !week.silent && <text class={week.minor ? "minor" : "major"} x={week.at} y="13">{week.label}</text>)}
              <text class="today" x={now} y="13" text-anchor="middle">today</text>
            </svg>
          </div>
          {course.marks.length > 0 && (
            <div class="lane">
              <p class="label quiet">{course.events.length === 1 ? "1 event" : `${course.events.length} events`}{latest && `, the latest: ${latest.title} on ${shortDay(latest.date)}`}</p>
              <div class={`window events tiers-${course.tiers}`}>
                <svg width="100%" height="100%" aria-hidden="true">
                  {weeks}
                  <line class="way" x1="0" x2={now} y1="11" y2="11" />
                  <line class="now" x1={now} x2={now} y1="0" y2="100%" />
                  {course.marks.map((mark) => mark.label && (
                    <>
                      <line class="leader" x1={mark.at} x2={mark.at} y1="11" y2={24 + 16 * mark.tier} />
                      <text class="name" x={mark.at} y={33 + 16 * mark.tier} text-anchor={mark.leans_left ? "end" : "start"} dx={mark.leans_left ? 3 : -3}>{mark.label}</text>
                    </>
                  ))}
                  {course.marks.map((mark) => <circle class={`dot${mark.ahead ? " ahead" : ""}`} cx={mark.at} cy="11" r="4.5"><title>{mark.title}</title></circle>)}
                </svg>
              </div>
            </div>
          )}
          {course.lanes.map((lane) => (
            <div class={`lane ${lane.tone}`}>
              <p class="label"><span class="name">{lane.title}</span> <span class="time">{lane.when}</span>{lane.whom && <span class="whom"> {lane.whom}</span>}</p>
              <div class="window">
                <svg width="100%" height="100%" aria-hidden="true">
                  {weeks}
                  {lane.bars.map((bar) => <rect class={`bar ${bar.look}`} x={bar.at} width={bar.width} y="50%" height="10" transform="translate(0 -5)" />)}
                  <line class="now" x1={now} x2={now} y1="0" y2="100%" />
                </svg>
              </div>
            </div>
          ))}
        </div>
      )}
      {course.events.length > 0 && (
        <details>
          <summary>What happened<span class="hidden-text">: {course.name}</span></summary>
          <ol class="log" reversed>{course.events.toReversed().map((event) => <Event key={`${event.line}`} event={event} />)}</ol>
        </details>
      )}
    </article>
  );
}

/** One event, which may be given another day or taken out. */
function Event({ event }: { event: TimelineEvent }) {
  const workbench = useWorkbench();
  const [isOpen, open] = useState(false);
  const [date, set] = useState(event.date);
  const [trouble, tell] = useState("");
  const change = async (params: { changes: { date: string } } | { remove: true }) => {
    try {
      const found = await workbench.ask("edit", { line: event.line!, ...params });
      await workbench.put(workbench.state.start!.situation, found.text, found.sentence);
    } catch (error) {
      tell(inWords(error));
    }
  };
  return (
    <li>
      <span class="day">{shortDay(event.date)}</span> <span>{event.title}{event.said && <span class="quiet">: {event.said}</span>}</span>
      {event.line !== null && (
        <button type="button" class="plain" aria-expanded={isOpen} onClick={() => open(!isOpen)}>Change<span class="hidden-text">: {event.title}</span></button>
      )}
      {isOpen && (
        <form class="ways" onSubmit={(submitted) => { submitted.preventDefault(); void change({ changes: { date } }); }}>
          <label>Day <input type="date" required value={date} onInput={(typed) => set(typed.currentTarget.value)} /></label>
          <button type="submit">Save</button>
          <button type="button" onClick={() => void change({ remove: true })}>Take it out</button>
        </form>
      )}
      {trouble && <p role="alert" class="trouble">{trouble}</p>}
    </li>
  );
}
