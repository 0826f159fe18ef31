import { Says } from "../../parts/Says";
import { useWhole, useWorkbench } from "../../state";

/** Says that something is only looked at, and how to keep it or go back. */
export function Trying() {
  const workbench = useWorkbench();
  const trying = useWhole((state) => state.trying);
  if (!trying) return null;
  const isExample = trying.sentence.startsWith("Example: ");
  return (
    <section class="trying" role="status" aria-label="Only tried out">
      <p><strong>{isExample ? "You are looking at an example." : "Only tried out, not saved."}</strong> <Says text={trying.sentence.replace(/^Example: /, "")} /></p>
      <p class="ways">
        <button type="button" onClick={() => void workbench.endTrying(true)}>{isExample ? "Begin with it" : "Put it in"}</button>
        <button type="button" class="first" onClick={() => void workbench.endTrying(false)}>{isExample ? "Back to mine" : "Take it back"}</button>
      </p>
    </section>
  );
}
