/** A new file of rules or tests in a folder that may be edited. */

import { useState } from "preact/hooks";

import { type OpenFile, useWhole } from "../../state";
import { problemOf } from "./asking";
import { useDesk } from "./desk";
import { Dialog } from "./Dialog";

export function NewFile() {
  const desk = useDesk();
  const files = useWhole((state) => state.files);
  const [isOpen, setIsOpen] = useState(false);
  const [name, setName] = useState("");
  const [refused, setRefused] = useState("");
  const packs = [...new Set(Object.values(files).filter((file) => file.may_save && file.pack && file.kind !== "situation").map((file) => file.pack!))];
  const [pack, setPack] = useState(packs[0] ?? "");
  if (!packs.length) return null;

  async function create(event: Event): Promise<void> {
    event.preventDefault();
    try {
      const made = await desk.ask("new_file", { pack, name });
      const text = made.text ?? "";
      const file: OpenFile = {
        id: made.file, name: made.name ?? name, kind: made.kind ?? "rules", pack: made.pack ?? pack,
        text, saved: text, loaded: true, revision: made.revision ?? "", may_save: made.may_save ?? true,
      };
      desk.workbench.set({ files: { ...desk.workbench.state.files, [file.id]: file } });
      setIsOpen(false);
      desk.open(file.id);
    } catch (error) {
      setRefused(problemOf(error).words);
    }
  }

  return (
    <>
      <button type="button" class="plain" onClick={() => setIsOpen(true)}>New file…</button>
      {isOpen && (
        <Dialog title="New file" onClose={() => setIsOpen(false)}>
          <form onSubmit={(event) => void create(event)}>
            {packs.length > 1 && (
              <label>In<select value={pack} onChange={(event) => setPack(event.currentTarget.value)}>{packs.map((one) => <option>{one}</option>)}</select></label>
            )}
            <label>Name<input autofocus value={name} placeholder="tests/late.yaml" onInput={(event) => setName(event.currentTarget.value)} autocomplete="off" spellcheck={false} required /></label>
            <p role="alert" class="words">{refused}</p>
            <p class="buttons">
              <button type="submit" class="first">Create</button>
              <button type="button" onClick={() => setIsOpen(false)}>Cancel</button>
            </p>
          </form>
        </Dialog>
      )}
    </>
  );
}
