import { useEffect } from "preact/hooks";
import { sentence } from "./Fields";
import { Says } from "./Says";
import { useWhole, useWorkbench, type Notice } from "../state";

/** How long a notice without trouble stays, in milliseconds. */
const STAYS = 12000;

/** What the page tells beside its screens; read out as it comes. */
export function Notices() {
  const notices = useWhole((state) => state.notices);
  return (
    <div class="notices" role="status" aria-live="polite">
      {notices.map((notice) => <One key={notice.id} notice={notice} />)}
    </div>
  );
}

function One({ notice }: { notice: Notice }) {
  const workbench = useWorkbench();
  const isTrouble = notice.tone === "trouble";
  useEffect(() => {
    if (isTrouble) return;
    const timer = setTimeout(() => workbench.dismiss(notice.id), STAYS);
    return () => clearTimeout(timer);
  }, [notice.id]);
  return (
    <p class={`notice ${notice.tone}`}>
      <span class="text"><Says text={sentence(notice.text)} /></span>
      {notice.undo && <button type="button" onClick={() => void workbench.undo()}>Undo</button>}
      <button type="button" class="plain" aria-label="Close this message" onClick={() => workbench.dismiss(notice.id)}>✕</button>
    </p>
  );
}
