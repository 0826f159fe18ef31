/** A scenario test made of what is shown: the situation, the day, and what is advised or is not. */

import { useState } from "preact/hooks";

import type { FileId } from "../../api";
import { useWhole } from "../../state";
import { problemOf } from "./asking";
import { useDesk } from "./desk";
import type { WantedParams } from "./methods";

export function MakeTest({ of, onClose }: { of: "advice" | WantedParams; onClose: () => void }) {
  const desk = useDesk();
  const workbench = desk.workbench;
  const files = useWhole((state) => state.files);
  const day = useWhole((state) => state.day);
  const tests = Object.values(files).filter((file) => file.kind === "tests" && file.may_save);
  const [name, setName] = useState("");
  const [file, setFile] = useState<FileId>(tests[0]?.id ?? "");
  const [refused, setRefused] = useState("");

  async function make(event: Event): Promise<void> {
    event.preventDefault();
    setRefused("");
    try {
      const of_ = { name, ...(day ? { as_of: day } : {}), of };
      let made = await desk.ask("make_test", { ...of_, ...(file ? { file } : {}) });
      if (made.new_file) made = await desk.ask("make_test", { ...of_, file: await desk.create(made.new_file.kind, made.new_file.name) });
      if (await workbench.put(made.file, made.text, made.sentence)) onClose();
      desk.open(made.file, { line: made.line, column: 1 });
    } catch (error) {
      setRefused(problemOf(error).words);
    }
  }

  return (
    <form class="make-test" onSubmit={(event) => void make(event)}>
      <label>Name of the test<input value={name} onInput={(event) => setName(event.currentTarget.value)} placeholder="ask-once-more" autocomplete="off" spellcheck={false} required /></label>
      {tests.length > 1 && (
        <label>In<select value={file} onChange={(event) => setFile(event.currentTarget.value)}>{tests.map((one) => <option value={one.id}>{one.name}</option>)}</select></label>
      )}
      <p role="alert" class="words">{refused}</p>
      <p class="buttons">
        <button type="submit" class="first">Make the test</button>
        <button type="button" onClick={onClose}>Cancel</button>
      </p>
    </form>
  );
}
