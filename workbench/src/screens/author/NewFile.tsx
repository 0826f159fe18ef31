/** A new file of rules or tests in a folder that may be edited. */

import { useState } from "preact/hooks";

import { useWhole } from "../../state";
import { problemOf } from "./asking";
import { useDesk } from "./desk";
import { Dialog } from "./Dialog";

export function NewFile() {
  const desk = useDesk();
  const files = useWhole((state) => state.files);
  const [isOpen, setIsOpen] = useState(false);
  const [name, setName] = useState("");
  const [refused, setRefused] = useState("");
  const [kind, setKind] = useState<"rules" | "tests">("rules");
  if (!Object.values(files).some((file) => file.may_save && file.kind !== "situation")) return null;

  async function create(event: Event): Promise<void> {
    event.preventDefault();
    try {
      const file = await desk.create(kind, name);
      setIsOpen(false);
      desk.open(file);
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
            <label>Of
              <select value={kind} onChange={(event) => setKind(event.currentTarget.value as "rules")}>
                <option value="rules">rules</option>
                <option value="tests">tests</option>
              </select>
            </label>
            <label>Name<input autofocus value={name} placeholder="late" onInput={(event) => setName(event.currentTarget.value)} autocomplete="off" spellcheck={false} required /></label>
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
