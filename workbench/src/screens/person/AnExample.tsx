import { OpenFile } from "../../parts/OpenFile";
import { useWhole, useWorkbench } from "../../state";

/** On a site: that what it begins with is somebody else's, and how to begin with one's own. */
export function AnExample() {
  const workbench = useWorkbench();
  const start = useWhole((state) => state.start)!;
  const text = useWhole((state) => state.files[state.start!.situation]!.text);
  const begun = start.files.find((file) => file.id === start.situation)!.text;
  if (start.mode !== "site" || text !== begun) return null;
  const anew = async () => {
    await workbench.put(start.situation, start.blank, "Yours begins here; the example is gone.");
    document.querySelector<HTMLElement>("h1")?.focus();
  };
  return (
    <section class="trying" aria-label="An example">
      <p><strong>You are looking at an example.</strong> Try whatever you like; nothing leaves this page.</p>
      <p class="ways">
        <button type="button" class="first" onClick={() => void anew()}>Begin with mine</button>
        <OpenFile />
      </p>
    </section>
  );
}
