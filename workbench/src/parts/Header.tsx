import { Kept } from "./Kept";
import { longDay } from "./days";
import { sentence } from "./Fields";
import { useWhole, useWorkbench } from "../state";

/** Name, the day looked at, whether all is saved, and what to look at. */
export function Header() {
  const workbench = useWorkbench();
  const start = useWhole((state) => state.start)!;
  const view = useWhole((state) => state.view);
  const day = useWhole((state) => state.day);
  const today = useWhole((state) => state.today);
  const shown = day ?? today;
  return (
    <header class="top">
      <p class="name">followcue</p>
      {shown && <p class="day"><time dateTime={shown}>{longDay(shown)}</time>{day && <span class="ahead"> · a day ahead</span>}</p>}
      {start.mode === "site" ? <Kept /> : <Saved />}
      {start.author && start.person && (
        <nav aria-label="View">
          {(["person", "author"] as const).map((one) => (
            <button type="button" class="plain" aria-pressed={view === one} onClick={() => workbench.set({ view: one })}>
              {one === "person" ? sentence(start.words.whole ?? "Situation") : "Rules"}
            </button>
          ))}
        </nav>
      )}
    </header>
  );
}

function Saved() {
  const files = useWhole((state) => state.files);
  const saving = useWhole((state) => state.saving);
  const start = useWhole((state) => state.start)!;
  const changed = Object.values(files).some((file) => file.text !== file.saved);
  const words = saving ? "Saving…" : changed ? "Not saved" : start.may_save ? "Saved" : "Only looked at";
  return <p class={`saved${changed && !saving ? " changed" : ""}`}><span class="dot" aria-hidden="true" />{words}</p>;
}
