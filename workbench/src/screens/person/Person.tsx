import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Advice, Day } from "../../api";
import { shortName, useWhole, useWorkbench } from "../../state";
import { shortDay } from "../../parts/days";
import { Step } from "../../parts/Step";
import { OpenFile } from "../../parts/OpenFile";
import { copied, download } from "../../parts/use";
import { AnExample } from "./AnExample";
import { Beside, Coming, Waits } from "./Besides";
import { DaysAhead } from "./DaysAhead";
import { FirstStart } from "./FirstStart";
import { MistakesInText, TheText } from "./TheText";
import { Timelines } from "./Timelines";
import { Tour } from "./Tour";
import { Trying } from "./Trying";
import { WhatHappened } from "./WhatHappened";
import { WhyNot } from "./WhyNot";

/** What a person in a search looks at: today's step first, then what happened, what comes, and everything so far. */
export function Person() {
  const workbench = useWorkbench();
  const advice = useWhole((state) => state.advice);
  const stale = useWhole((state) => state.stale);
  const timeline = useWhole((state) => state.timeline);
  const day = useWhole((state) => state.day);
  const trying = useWhole((state) => state.trying);
  const [ahead, look] = useState<Day | null>(null);
  const [reveal, show] = useState<{ line: number; column: number } | null>(null);
  const head = useRef<HTMLHeadingElement>(null);

  // Here the top is always about today; the slider has a place of its own.
  useEffect(() => { if (day) workbench.look(null); }, [day]);

  if (!advice) return <p class="starting" role="status">Reading…</p>;
  const isEmpty = advice.report !== null && timeline !== null && timeline.courses.every((course) => course.scope === null);
  const text = <TheText reveal={reveal} />;
  if (isEmpty && !trying) return <><MistakesInText onReveal={show} /><FirstStart />{text}</>;
  const lead = advice.cards[0];
  return (
    <>
      <Trying />
      <AnExample />
      <MistakesInText onReveal={show} />
      <div class="columns">
        <div class={`today${stale && advice.diagnostics.length ? " before" : ""}`}>
          <Today advice={advice} head={head} />
        </div>
        <div class="beside">
          {!trying && <WhatHappened scope={lead?.scope ?? null} />}
          <Waits waits={advice.waits} />
          <Coming coming={advice.coming} onDay={look} />
          <Beside advice={advice} />
        </div>
      </div>
      <div class="section-ahead"><DaysAhead day={ahead} onDay={look} /></div>
      <Timelines />
      <div class="section-more">
        <WhyNot onDay={look} />
        {text}
        <Downloads />
      </div>
      {!trying && <Tour />}
    </>
  );
}

function Today({ advice, head }: { advice: Advice; head: { current: HTMLHeadingElement | null } }) {
  const [lead, ...then] = advice.cards;
  const day = advice.report?.as_of;
  const { folded, next_change_sentence: next, headline } = advice.sentences ?? { folded: null, next_change_sentence: null, headline: "" };
  const gone = () => head.current?.focus();
  return (
    <>
      <h1 tabIndex={-1} ref={head}>{day ? <>Today<span class="on">, {shortDay(day)}</span></> : "Today"}</h1>
      {lead ? <Step key={lead.id} card={lead} lead day={null} level={2} onGone={gone} /> : <p class="nothing">{headline}</p>}
      {then.length > 0 && <h2 class="then">Then</h2>}
      {then.map((card) => <Step key={card.id} card={card} day={null} level={3} onGone={gone} />)}
      {advice.more.length > 0 && (
        <details class="rest">
          <summary>{folded ?? `${advice.more.length} more`}</summary>
          {advice.more.map((card) => <Step key={card.id} card={card} day={null} level={3} onGone={gone} />)}
        </details>
      )}
      {next && <p class="quiet next">{next}</p>}
    </>
  );
}

function Downloads() {
  const workbench = useWorkbench();
  const get = (method: "calendar" | "report_page", type: string) => async () => {
    const found = await workbench.trouble(workbench.ask(method, {}));
    if (found) download(found.name, found.text, type);
  };
  const file = workbench.situation;
  const start = useWhole((state) => state.start)!;
  return (
    <section class="downloads" aria-labelledby="downloads">
      <h2 id="downloads">To take along</h2>
      <p class="ways">
        <button type="button" onClick={get("calendar", "text/calendar")}>Calendar (.ics)</button>
        <button type="button" onClick={get("report_page", "text/html")}>Report as a page</button>
        {file && <button type="button" onClick={() => download(shortName(file), workbench.situation!.text, "application/yaml")}>The file itself</button>}
        {start.mode === "site" && <OpenFile />}
      </p>
      {start.mode === "open" && start.may_save && <Feed />}
    </section>
  );
}

/** The address from which a program with a calendar gets it again and again. */
function Feed() {
  const workbench = useWorkbench();
  const id = useId();
  const [address, show] = useState("");
  const [said, say] = useState("");
  const look = async () => {
    const found = await workbench.trouble(workbench.ask("feed", {}));
    if (found) show(location.origin + found.path);
  };
  const copy = async () => say((await copied(address)) ? "Copied." : "Copy it from the field.");
  return (
    <details onToggle={(event) => { if (event.currentTarget.open && !address) void look(); }}>
      <summary>Subscribe to it in a calendar program</summary>
      <p class="field">
        <label for={id}>Its address on this machine, as long as <code>followcue open</code> runs</label>
        <input id={id} readOnly value={address} onFocus={(event) => event.currentTarget.select()} />
      </p>
      <p class="ways"><button type="button" disabled={!address} onClick={() => void copy()}>Copy the address</button> <span role="status">{said}</span></p>
    </details>
  );
}
