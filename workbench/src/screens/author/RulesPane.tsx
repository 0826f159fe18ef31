/** The rules: which file, its text, what is at the cursor, and what can be done with the name there. */

import { useCallback, useEffect, useMemo, useState } from "preact/hooks";

import type { Diagnostic, FileId, Place as FoundPlace } from "../../api";
import { mayTry, type OpenFile, useWhole } from "../../state";
import Editor, { applyEdits } from "../../parts/editor/Editor";
import { Outline } from "../../parts/Outline";
import { useAsked } from "./asking";
import { useDesk, useTexts } from "./desk";
import { type Command, useCommandKeys } from "./command_keys";
import type { RuleAt, Spot } from "./methods";
import { NewFile } from "./NewFile";
import { Places } from "./Places";
import { Rename } from "./Rename";

interface Props {
  diagnostics: readonly Diagnostic[];
  rule: RuleAt;
  isLooking: boolean;
  cursor: Spot;
  onMoved: (place: Spot) => void;
}

export function RulesPane({ diagnostics, rule, isLooking, cursor, onMoved }: Props) {
  const desk = useDesk();
  const workbench = desk.workbench;
  const start = useWhole((state) => state.start)!;
  const files = useWhole((state) => state.files);
  const saving = useWhole((state) => state.saving);
  const [found, setFound] = useState<{ title: string; places: FoundPlace[] } | null>(null);
  const [renaming, setRenaming] = useState<Spot | null>(null);
  const file = desk.file ? files[desk.file] : undefined;
  const keys = useCommandKeys((name, place) => void run(name, place));
  const moved = useCallback((line: number, column: number) => onMoved({ line, column }), [onMoved]);
  const isHere = file?.loaded ?? false;
  useEffect(() => {
    if (file && !isHere) void workbench.open(file.id);
  }, [file?.id, isHere]);
  const ofThisFile = useMemo(() => diagnostics.filter((one) => one.file === file?.id), [diagnostics, file?.id]);

  if (!file) return <section class="pane rules-pane" aria-label="Rules"><p>There are no rules here that may be looked at.</p></section>;
  const id = file.id;
  const maySave = start.may_edit_rules && file.may_save;
  const mayChange = mayTry(file);
  const isChanged = file.text !== file.saved;
  const unsaved = Object.values(files).filter((one) => one.kind !== "situation" && one.may_save && one.text !== one.saved);
  const saveAll = async () => {
    for (const one of unsaved) if (!(await workbench.save(one.id))) break;
  };

  async function run(name: Command, place: Spot): Promise<void> {
    if (name === "rename") {
      if (mayChange) setRenaming(place);
      else workbench.tell("This file may only be read here.", "trouble");
    }
    else {
      const answer = await workbench.trouble(desk.ask(name, { file: id, ...place }));
      const places = answer?.places ?? [];
      const first = places[0];
      if (!answer) return;
      if (!first) workbench.tell("There is no name of these rules at the cursor.", "said");
      else if (name === "definition" && places.length === 1) desk.open(first.file, first);
      else setFound({ title: name === "definition" ? "Declared at" : "Named at", places });
    }
  }

  return (
    <section class="pane rules-pane" aria-labelledby="rules-title">
      <div class="pane-head">
        <h2 id="rules-title">Rules</h2>
        <FilePicker files={files} chosen={id} onChoose={(chosen) => desk.open(chosen)} />
        {maySave
          ? <button type="button" disabled={!isChanged || saving} onClick={() => void workbench.save(id)}>{isChanged ? "Save" : "Saved"}</button>
          : <span class="quiet small">{mayChange ? "Only tried, never saved" : "Only to read"}</span>}
      </div>
      {maySave && unsaved.length > 1 && (
        <p class="small unsaved">{unsaved.length} files are not saved. <button type="button" disabled={saving} onClick={() => void saveAll()}>Save all</button></p>
      )}
      <div class="pane-tools" role="group" aria-label="Of the name at the cursor">
        <button type="button" class="plain" title="F12" onClick={() => void run("definition", cursor)}>Go to definition</button>
        <button type="button" class="plain" title="Shift+F12" onClick={() => void run("references", cursor)}>References</button>
        {mayChange && <button type="button" class="plain" title="F2" onClick={() => void run("rename", cursor)}>Rename…</button>}
        {start.mode === "open" && start.may_edit_rules && <NewFile />}
      </div>
      <RuleLens rule={rule} isLooking={isLooking} />
      {isHere ? <Editor
        file={id}
        label={`${file.name}${mayChange ? "" : ", only to read"}`}
        readOnly={!mayChange}
        diagnostics={ofThisFile}
        reveal={desk.target?.file === id ? desk.target : null}
        more={keys}
        onPlace={moved}
      /> : <p class="editor quiet" role="status">Reading…</p>}
      <AtCursor diagnostics={ofThisFile} cursor={cursor} onFix={mayChange ? (one) => one.fix && applyEdits(workbench, one.fix.edits) : null} />
      {found && <Places title={found.title} places={found.places} onClose={() => setFound(null)} />}
      {renaming && <Rename file={id} place={renaming} onClose={() => setRenaming(null)} />}
    </section>
  );
}

function FilePicker({ files, chosen, onChoose }: {
  files: Record<FileId, OpenFile>; chosen: FileId; onChoose: (file: FileId) => void;
}) {
  const packs = new Map<string, OpenFile[]>();
  for (const file of Object.values(files)) {
    if (file.kind === "situation") continue;
    const pack = `${file.pack ?? "rules"}${file.may_save ? "" : " (only to read)"}`;
    packs.set(pack, [...(packs.get(pack) ?? []), file]);
  }
  const order = [...packs].sort(([, one], [, other]) => Number(other[0]!.may_save) - Number(one[0]!.may_save));
  return (
    <label class="picker">
      <span class="hidden-text">File</span>
      <select value={chosen} onChange={(event) => onChoose(event.currentTarget.value)}>
        {order.map(([pack, inside]) => (
          <optgroup label={pack}>
            {inside.map((file) => (
              <option value={file.id}>{file.text === file.saved ? "" : "● "}{shortName(file)}{file.text === file.saved ? "" : " (not saved)"}</option>
            ))}
          </optgroup>
        ))}
      </select>
    </label>
  );
}

/** The name of a file inside its pack. */
export function shortName(file: OpenFile): string {
  const cut = file.pack ? file.name.lastIndexOf(`${file.pack}/`) : -1;
  return cut < 0 ? file.name : file.name.slice(cut + file.pack!.length + 1);
}

/** What the engine makes of the rule at the cursor, as a sentence. */
function RuleLens({ rule, isLooking }: { rule: RuleAt; isLooking: boolean }) {
  const tests = rule.tests;
  return (
    <div class="lens" role="status">
      {rule.id ? <><code>{rule.id}</code>{tests && ` · ${tests.length === 1 ? "1 test" : `${tests.length} tests`}`}</> : (isLooking ? "Looking…" : "No rule at the cursor")}
      {rule.sentence && <details><summary>In words</summary><p>{rule.sentence}</p></details>}
      {rule.id && <Here key={rule.id} rule={rule.id} />}
    </div>
  );
}

/** Whether a rule fires in the situation beside it, and if it never does, what it lacks. */
function Here({ rule }: { rule: string }) {
  const desk = useDesk();
  const texts = useTexts();
  const day = useWhole((state) => state.day);
  const asked = useAsked((signal) => desk.ask("firing", { rule, ...(day ? { as_of: day } : {}) }, signal), [rule, texts, day], 500);
  const found = asked.value;
  if (!found || asked.problem) return null;
  return (
    <details class="here">
      <summary>{found.times ? `Fires here ${found.times === 1 ? "once" : `${found.times} times`}` : "Why it never fires here"}</summary>
      {found.times === 0 && <p>{found.sentence}</p>}
      <Outline branches={found.outline} />
    </details>
  );
}

/** The mistakes on the line of the cursor in words, for whoever cannot point at them. */
function AtCursor({ diagnostics, cursor, onFix }: {
  diagnostics: readonly Diagnostic[]; cursor: Spot; onFix: ((one: Diagnostic) => void) | null;
}) {
  const here = diagnostics.filter((one) => isAt(one, cursor.line));
  const others = diagnostics.length - here.length;
  return (
    <div class="at-cursor">
      <p class="small quiet">
        Line {cursor.line}, column {cursor.column}
        {others > 0 && ` · ${others} ${here.length ? "more " : ""}marked in this file (F8: next)`}
      </p>
      <div aria-live="polite">
        {here.map((one) => (
          <p class={`said ${one.severity}`}>
            <Kind of={one} /> {one.message}{one.hint && <> <em>{one.hint}</em></>}
            {one.fix && onFix && <button type="button" onClick={() => onFix(one)}>{one.fix.title}</button>}
          </p>
        ))}
      </div>
    </div>
  );
}

/** Whether a mistake stands on a line. */
export const isAt = ({ line, end_line }: Diagnostic, at: number): boolean =>
  line !== null && line <= at && at <= (end_line ?? line);

/** Mistake or finding, by sign and word and code. */
export function Kind({ of }: { of: Diagnostic }) {
  const isMistake = of.severity === "mistake";
  return <span class="kind"><span aria-hidden="true">{isMistake ? "✕" : "△"}</span> {isMistake ? "Mistake" : "Finding"} <code>{of.code}</code></span>;
}
