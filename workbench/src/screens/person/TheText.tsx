import { useEffect, useRef, useState } from "preact/hooks";
import type { Diagnostic } from "../../api";
import { shortName, useWhole, useWorkbench } from "../../state";
import { Says } from "../../parts/Says";
import { Later } from "../../parts/Later";
import type { EditorProps } from "../../parts/editor/Editor";

const editor = () => import("../../parts/editor/Editor");
const NONE: Diagnostic[] = [];

/** The situation as it stands in its file, to be written by hand. */
export function TheText({ reveal }: { reveal: { line: number; column: number } | null }) {
  const workbench = useWorkbench();
  const file = useWhole((state) => state.files[state.start!.situation])!;
  const diagnostics = useWhole((state) => state.advice?.diagnostics ?? NONE);
  const saving = useWhole((state) => state.saving);
  const [isOpen, open] = useState(false);
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (!reveal) return;
    open(true);
    if (details.current) details.current.open = true;
  }, [reveal]);
  const isChanged = file.text !== file.saved;
  return (
    <details class="text" ref={details} onToggle={(event) => open(event.currentTarget.open)}>
      <summary><h2>The file, as text</h2></summary>
      {isOpen && (
        <>
          <p class="quiet small">{shortName(file)}. Whatever you write here or with the buttons above is the same file.</p>
          <Later<EditorProps> load={editor} file={file.id} label={`${shortName(file)}, as text`} diagnostics={diagnostics} reveal={reveal} />
          <p class="ways">
            {file.may_save && <button type="button" class="first" disabled={!isChanged || saving} onClick={() => void workbench.save(file.id)}>Save</button>}
            <button type="button" disabled={!isChanged} onClick={() => { workbench.type(file.id, file.saved); details.current?.querySelector("summary")?.focus(); }}>Back to what is saved</button>
          </p>
        </>
      )}
    </details>
  );
}

/** What is wrong in the text, each with its place, which a click shows. */
export function MistakesInText({ onReveal }: { onReveal(place: { line: number; column: number }): void }) {
  const diagnostics = useWhole((state) => state.advice?.diagnostics ?? NONE);
  const hasAdvice = useWhole((state) => Boolean(state.advice?.report));
  const found = diagnostics.filter((one) => one.severity === "mistake");
  if (!found.length) return null;
  const ofText = found.filter((one) => one.line !== null).length;
  const what = ofText === 0 ? "The advice cannot be worked out." : ofText === 1 ? "One thing in the file cannot be read." : `${ofText} things in the file cannot be read.`;
  return (
    <section class="mistakes" role="alert" aria-label="Mistakes">
      <p>
        <strong>{what}</strong>
        {hasAdvice && " What you see is the advice from before."}
      </p>
      <ul>
        {found.map((one) => (
          <li>
            {one.line !== null && <><button type="button" class="link" onClick={() => onReveal({ line: one.line!, column: one.column ?? 1 })}>Line {one.line}</button>: </>}<Says text={one.message} />
            {one.hint && <> <em><Says text={one.hint} /></em></>}
          </li>
        ))}
      </ul>
    </section>
  );
}
