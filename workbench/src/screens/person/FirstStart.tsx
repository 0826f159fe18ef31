import { useState } from "preact/hooks";
import { inWords, useWhole, useWorkbench } from "../../state";
import { Fields, defaults, filled, type Values } from "../../parts/Fields";
import { OpenFile } from "../../parts/OpenFile";
import { Says } from "../../parts/Says";
import { useAnswer } from "../../parts/use";
import { recordOf } from "./WhatHappened";

/** What somebody sees who has written down nothing yet: one question, or an example to look at. */
export function FirstStart() {
  const examples = useWhole((state) => state.start!.examples);
  const words = useWhole((state) => state.start!.words);
  const isSite = useWhole((state) => state.start!.mode === "site");
  const { answer } = useAnswer("happened", {});
  const record = answer && recordOf(answer, words);
  return (
    <section class="first-start" aria-labelledby="first-start">
      <h1 id="first-start" tabIndex={-1}>Begin with one {words.scope ?? "record"}</h1>
      <p class="quiet">Say what you know; the rest can come later. Everything stays on this machine.</p>
      {record && <Begin fields={record.fields} />}
      {isSite && <p class="ways"><OpenFile /> <span class="quiet small">if you have one already</span></p>}
      {examples.length > 0 && (
        <>
          <h2>Or look at an example first</h2>
          <ul class="examples">{examples.map((one) => <Example key={one.name} {...one} />)}</ul>
        </>
      )}
    </section>
  );
}

function Begin({ fields }: { fields: Parameters<typeof Fields>[0]["fields"] }) {
  const workbench = useWorkbench();
  const [values, set] = useState<Values>(defaults(fields));
  const [trouble, tell] = useState("");
  const needed = fields.filter((field) => field.required), rest = fields.filter((field) => !field.required);
  const save = async (event: Event) => {
    event.preventDefault();
    try {
      const found = await workbench.ask("add_scope", { fields: filled(values, fields) });
      await workbench.put(workbench.state.start!.situation, found.text, found.sentence);
    } catch (error) {
      tell(inWords(error));
    }
  };
  return (
    <form class="choice" onSubmit={save}>
      <Fields fields={needed} values={values} onChange={set} />
      {rest.length > 0 && <details><summary>More to say</summary><Fields fields={rest} values={values} onChange={set} /></details>}
      {trouble && <p role="alert" class="trouble">{trouble}</p>}
      <p class="ways"><button type="submit" class="first">Begin</button></p>
    </form>
  );
}

function Example({ name, title, about }: { name: string; title: string; about: string }) {
  const workbench = useWorkbench();
  const open = async () => {
    const found = await workbench.trouble(workbench.ask("example", { name }));
    if (found) await workbench.tryOut(workbench.state.start!.situation, found.text, `Example: ${title}`, null);
  };
  return (
    <li>
      <button type="button" onClick={() => void open()}>{title}</button>
      {about && <p class="small quiet"><Says text={about} /></p>}
    </li>
  );
}
