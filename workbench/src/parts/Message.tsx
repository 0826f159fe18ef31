import { useRef, useState } from "preact/hooks";
import type { Day, Draft } from "../api";
import { copied, useAnswer } from "./use";

const GAP = /(\[[^\][]+\])/;

/** The message of a step, ready to be copied or opened in a mail; gaps in brackets are marked. */
export function Message({ id, title, day }: { id: string; title: string; day: Day | null }) {
  const [template, choose] = useState<string | null>(null);
  const { answer, failed, waiting } = useAnswer("draft", { id, ...(template ? { template } : {}), ...(day ? { as_of: day } : {}) });
  if (failed) return <p role="alert">{failed}</p>;
  if (!answer) return waiting ? <p class="quiet">Writing…</p> : null;
  return <Letter draft={answer} title={title} template={template} onTemplate={choose} />;
}

interface LetterProps {
  draft: Draft;
  title: string;
  template: string | null;
  onTemplate(name: string): void;
}

function Letter({ draft, title, template, onTemplate }: LetterProps) {
  const [told, tell] = useState("");
  const text = useRef<HTMLPreElement>(null);
  const copy = async () => {
    if (await copied(draft.text)) tell("Copied.");
    else {
      getSelection()?.selectAllChildren(text.current!);
      tell("Marked: copy it with Ctrl+C.");
    }
  };
  const isCall = draft.channel === "phone";
  return (
    <div class="letter">
      {draft.subject && !isCall && <p class="subject"><span class="quiet">Subject</span> {draft.subject}</p>}
      <pre ref={text} tabIndex={0} role="group" aria-label={`Message: ${title}`}>
        {draft.text.split(GAP).map((piece, place) => (place % 2 ? <mark>{piece}</mark> : piece))}
      </pre>
      {draft.blanks.length > 0 && <p class="small quiet">What is marked is yours to fill in.</p>}
      <p class="ways">
        <button type="button" onClick={copy}>Copy the text<span class="hidden-text">: {title}</span></button>
        {draft.mailto && <a class="button" href={draft.mailto}>{isCall ? `Call ${draft.address ?? ""}` : draft.mailto_is_whole ? "Open in your mail" : "Open a mail, for the text to be pasted"}<span class="hidden-text">: {title}</span></a>}
        {draft.templates.length > 1 && (
          <label class="inline">Wording{" "}
            <select value={template ?? draft.templates[0]!.name} onChange={(event) => onTemplate(event.currentTarget.value)}>
              {draft.templates.map((one) => <option value={one.name}>{one.title}</option>)}
            </select>
          </label>
        )}
        <span class="small quiet" role="status">{told}</span>
      </p>
    </div>
  );
}
