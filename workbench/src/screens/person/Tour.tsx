import { useEffect, useRef, useState } from "preact/hooks";
import { remember, remembered } from "../../parts/use";

const KEY = "followcue-tour";

/** What is shown where; a part that is not on the page is passed over. */
const STOPS = [
  { at: ".card.lead", says: "This is the one thing to do first; a message to send is ready to be copied. When it is done, press Done." },
  { at: ".happened", says: "Whenever something happens, say it here: a kind, then Save. The advice follows at once." },
  { at: ".section-ahead", says: "Drag the slider, or use the arrow keys: it shows what any day ahead will bring if nothing happens." },
  { at: ".courses", says: "Here is everything so far, one line of days for each." },
  { at: ".section-more", says: "You can ask why something is not advised, and change the file as text. Undo takes back any change." },
] as const;

/** A tour of five steps, shown once and skipped with one key. */
export function Tour() {
  const [at, go] = useState(() => (remembered(KEY) ? -1 : 0));
  const head = useRef<HTMLParagraphElement>(null);
  const stop = STOPS[at];
  useEffect(() => {
    if (!stop) return;
    const place = document.querySelector(stop.at);
    if (!place) return go(at + 1 < STOPS.length ? at + 1 : -1);
    place.classList.add("toured");
    if (at > 0) {
      place.scrollIntoView({ block: "center" });
      head.current?.focus({ preventScroll: true });
    }
    return () => place.classList.remove("toured");
  }, [at]);
  if (!stop) return null;
  const end = () => {
    remember(KEY, "seen");
    go(-1);
    document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
  };
  const next = () => (at + 1 < STOPS.length ? go(at + 1) : end());
  return (
    <aside class="tour" aria-label="A short tour" onKeyDown={(event) => { if (event.key === "Escape") end(); }}>
      <p tabIndex={-1} ref={head}><span class="quiet">{at + 1} of {STOPS.length}</span> {stop.says}</p>
      <p class="ways">
        <button type="button" class="first" onClick={next}>{at + 1 < STOPS.length ? "Next" : "Done"}</button>
        <button type="button" class="plain" onClick={end}>Skip the tour</button>
      </p>
    </aside>
  );
}
