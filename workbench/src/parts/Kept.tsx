import { useEffect, useState } from "preact/hooks";
import { forget, keep, keptTexts } from "../site";
import { useWhole, useWorkbench } from "../state";

/** On a site: that what is written stays in the page, a way to take it along, and one to have it kept. */
export function Kept() {
  const workbench = useWorkbench();
  const files = useWhole((state) => state.files);
  const start = useWhole((state) => state.start)!;
  const [isKept, setKept] = useState(() => keptTexts() !== null);
  useEffect(() => {
    if (isKept && !keep(files, start)) {
      setKept(false);
      workbench.tell("This browser does not keep it. Save it as a file instead.", "trouble");
    }
  }, [isKept, files]);
  const choose = (wanted: boolean) => {
    if (!wanted) forget();
    setKept(wanted);
  };
  const situation = workbench.situation;
  return (
    <div class="kept">
      <label title="Without this, all is forgotten when the page is closed. Either way, nothing is sent anywhere.">
        <input type="checkbox" checked={isKept} onChange={(event) => choose(event.currentTarget.checked)} />{" "}
        {isKept ? "Kept in this browser" : "In this page only; keep it in this browser"}
      </label>
      {situation && <button type="button" class="plain" onClick={() => void workbench.save(situation.id, true)}>Save as a file</button>}
    </div>
  );
}
