/** Renaming the name at the cursor: done everywhere at once, or refused with what would change in the advice. */

import { useState } from "preact/hooks";

import type { FileId } from "../../api";
import { type Problem, problemOf } from "./asking";
import { applyEdits } from "../../parts/editor/Editor";
import { useDesk } from "./desk";
import { Dialog } from "./Dialog";
import type { Spot } from "./methods";

export function Rename({ file, place, onClose }: { file: FileId; place: Spot; onClose: () => void }) {
  const desk = useDesk();
  const text = desk.workbench.file(file)?.text ?? "";
  const [to, setTo] = useState(() => wordAt(text, place));
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Problem | null>(null);

  async function rename(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setRefused(null);
    try {
      const { edits, by_hand: byHand = [] } = await desk.ask("rename", { file, ...place, to });
      applyEdits(desk.workbench, edits);
      const files = new Set(edits.map((edit) => edit.file)).size;
      const told = `Renamed to ${to}: ${edits.length} places in ${files === 1 ? "1 file" : `${files} files`}, no advice changes. Not saved yet.`;
      desk.workbench.tell([told, ...byHand].join("\n"), "said");
      onClose();
    } catch (error) {
      setRefused(problemOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog title="Rename" onClose={onClose}>
      <form onSubmit={(event) => void rename(event)}>
        <label>New name<input autofocus value={to} onInput={(event) => setTo(event.currentTarget.value)} autocomplete="off" spellcheck={false} required /></label>
        <p class="small quiet">The name is changed wherever it stands. Nothing is changed if any advice would be another.</p>
        <div role="alert">
          {refused && (
            <div class="refused">
              <p><strong>Not renamed.</strong></p>
              {refused.diagnostics.length
                ? <ul>{refused.diagnostics.map((one) => <li class="words">{one.message}{one.hint && <> <em>{one.hint}</em></>}{one.note && <><br />{one.note}</>}</li>)}</ul>
                : <p class="words">{refused.words}</p>}
            </div>
          )}
        </div>
        <p class="buttons">
          <button type="submit" class="first" disabled={busy}>{busy ? "Comparing advice…" : "Rename"}</button>
          <button type="button" onClick={onClose}>Cancel</button>
        </p>
      </form>
    </Dialog>
  );
}

/** The word around a place. */
function wordAt(text: string, place: Spot): string {
  const line = Array.from(text.split(/\r\n|[\n\r\x85\u2028\u2029]/)[place.line - 1] ?? "");
  const before = /[\w/.-]*$/.exec(line.slice(0, place.column - 1).join(""))![0];
  return before + /^[\w/.-]*/.exec(line.slice(place.column - 1).join(""))![0];
}
