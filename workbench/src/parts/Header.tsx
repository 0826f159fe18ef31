import { Kept } from "./Kept";
import { useEffect } from "preact/hooks";
import { shortDay } from "./days";
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
      {shown && <p class="day"><time dateTime={shown}>{shortDay(shown)}</time>{day && <span class="ahead"> · a day ahead</span>}</p>}
      <Undo />
      {start.mode === "site" ? <Kept /> : <Saved />}
      {start.author && start.person && (
        <nav aria-label="View">
          {(["person", "author"] as const).map((one) => (
            <button type="button" class="plain" aria-pressed={view === one} onClick={() => workbench.show(one)}>
              {one === "person" ? sentence(start.words.whole ?? "Situation") : "Rules"}
            </button>
          ))}
        </nav>
      )}
    </header>
  );
}

/** Takes back the last change, or does it again; also with Ctrl+Z and Ctrl+Shift+Z where nothing is typed. */
function Undo() {
  const workbench = useWorkbench();
  const can = useWhole((state) => state.can);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || isTyping(event)) return;
      event.preventDefault();
      void (event.shiftKey ? workbench.redo() : workbench.undo());
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  if (!can.undo && !can.redo) return null;
  return (
    <p class="undo">
      <button type="button" class="plain" disabled={!can.undo} onClick={() => void workbench.undo()}>Undo</button>
      {can.redo && <button type="button" class="plain" onClick={() => void workbench.redo()}>Redo</button>}
    </p>
  );
}

const isTyping = (event: KeyboardEvent) =>
  event.composedPath().some((one) => one instanceof HTMLElement && (one.isContentEditable || one.matches("input:not([type=range], [type=checkbox]), textarea, select")));

function Saved() {
  const files = useWhole((state) => state.files);
  const saving = useWhole((state) => state.saving);
  const trying = useWhole((state) => state.trying);
  const reachable = useWhole((state) => state.reachable);
  const start = useWhole((state) => state.start)!;
  const changed = Object.values(files).some((file) => file.text !== file.saved);
  const isNew = Object.values(files).find((file) => file.id === start.situation)?.revision === "";
  const words = !reachable ? "Not connected" : saving ? "Saving…" : trying ? "Only tried out" : changed ? "Not saved" : start.may_save ? (isNew ? "Nothing to save yet" : "Saved") : "Only looked at";
  return <p class={`saved${(changed && !saving) || !reachable ? " changed" : ""}`}><span class="dot" aria-hidden="true" />{words}</p>;
}
