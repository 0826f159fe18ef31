import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Field, Happened, Kind, NewText } from "../../api";
import { isDoubt } from "../../host";
import { inWords, useWhole, useWorkbench } from "../../state";
import { Fields, NEW as SOMEBODY, defaults, filled, mayBeNew, sentence, type Values } from "../../parts/Fields";
import { Says } from "../../parts/Says";
import { useAnswer } from "../../parts/use";

/** What a new record of the scope is chosen by, beside the kinds of events. */
const NEW = "\0new";

/** Writes down what happened: a kind, then Save; the day is today, and the fields have what is most likely. */
export function WhatHappened({ scope: likely }: { scope: string | null }) {
  const words = useWhole((state) => state.start!.words);
  const [scope, setScope] = useState<string | null>(null);
  const [kind, choose] = useState<string | null>(null);
  const [isMore, more] = useState(false);
  const courses = useWhole((state) => state.timeline?.courses);
  const isKnown = (one: string | null) => courses?.some((course) => course.scope === one && one !== null);
  // Something happened most likely where something is to be done, or where nothing is known yet.
  const shown = [scope, likely, courses?.find((one) => one.scope !== null && one.events.length === 0)?.scope ?? null].find(courses ? isKnown : Boolean) ?? null;
  const { answer, failed } = useAnswer("happened", shown ? { scope: shown } : {});
  const thing = words.scope ?? "record";
  // A record that is new is what the next event is most likely of.
  const known = useRef<string[]>([]);
  useEffect(() => {
    const now = answer?.scopes.map((one) => one.value) ?? [];
    const added = now.filter((one) => !known.current.includes(one));
    if (known.current.length && added.length === 1) setScope(added[0]!);
    if (answer) known.current = now;
  }, [answer]);
  if (!answer) return failed ? <p role="alert">{failed}</p> : null;
  const record = recordOf(answer, words);
  const found = kind === NEW ? record : answer.all.find((one) => one.kind === kind) ?? null;
  const all = [...answer.all.filter((one) => one.role === "event"), ...answer.all.filter((one) => one.role !== "event" && one !== record)];
  const others = all.filter((one) => !answer.first.some((first) => first.kind === one.kind));
  const pick = (one: string) => { choose(kind === one ? null : one); more(false); };
  return (
    <section class="happened" aria-labelledby="happened">
      <h2 id="happened">What happened?</h2>
      <p class="kinds">
        {answer.scopes.length > 0 && answer.first.map((one) => (
          <button type="button" key={one.kind} aria-pressed={kind === one.kind} onClick={() => pick(one.kind)}>{sentence(one.title)}</button>
        ))}
        {answer.scopes.length > 0 && found && kind !== NEW && !answer.first.some((one) => one.kind === kind) && <button type="button" aria-pressed="true" onClick={() => pick(found.kind)}>{sentence(found.title)}</button>}
        {answer.scopes.length > 0 && others.length > 0 && <button type="button" class="plain" aria-expanded={isMore} onClick={() => { choose(null); more(!isMore); }}>More…</button>}
        {record && <button type="button" class={answer.scopes.length ? "plain" : ""} aria-pressed={kind === NEW} onClick={() => pick(NEW)}>New {thing}</button>}
      </p>
      {isMore && <Others kinds={others} onPick={pick} />}
      {found && (
        <Form key={found.kind} kind={found} happened={answer} scope={kind === NEW ? null : shown ?? answer.scopes[0]?.value ?? null} isRecord={kind === NEW}
          onScope={setScope} onEnd={() => choose(null)} />
      )}
    </section>
  );
}

/** The kind of which the records of the scope are; null where the rules have none. */
export const recordOf = (happened: Happened, words: { scope?: string | null; scope_kind?: string | null }): Kind | null =>
  happened.all.find((one) => (words.scope_kind ? one.kind === words.scope_kind : one.title === words.scope)) ?? null;

/** All other kinds, to be found by a word. */
function Others({ kinds, onPick }: { kinds: Kind[]; onPick(kind: string): void }) {
  const id = useId();
  const [word, look] = useState("");
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const asked = word.trim().toLowerCase();
  const found = kinds.filter((one) => `${one.title} ${one.says} ${one.kind}`.toLowerCase().includes(asked));
  return (
    <div class="choice others">
      <p class="field">
        <label for={id}>Find what happened</label>
        <input id={id} ref={input} type="text" value={word} autocomplete="off" onInput={(event) => look(event.currentTarget.value)} />
      </p>
      <ul>
        {found.map((one) => (
          <li key={one.kind}><button type="button" class="plain" onClick={() => onPick(one.kind)}>{sentence(one.title)}</button>{one.says && <span class="small quiet"><Says text={one.says} /></span>}</li>
        ))}
      </ul>
      {found.length === 0 && <p class="quiet">Nothing has this word.</p>}
    </div>
  );
}

interface FormProps {
  kind: Kind;
  happened: Happened;
  scope: string | null;
  isRecord: boolean;
  onScope(scope: string): void;
  onEnd(): void;
}

/** How many fields that may be left empty are shown at once. */
const AT_HAND = 2;

function Form({ kind, happened, scope, isRecord, onScope, onEnd }: FormProps) {
  const workbench = useWorkbench();
  const today = workbench.today ?? "";
  const id = useId();
  const [date, setDate] = useState(today);
  const [values, set] = useState<Values>(defaults(kind.fields));
  const [person, setPerson] = useState<Values>({});
  const [trouble, tell] = useState("");
  const [isDoubtful, doubt] = useState(false);
  const [busy, work] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const words = useWhole((state) => state.start!.words);

  // What belongs to one record, as its people, does not go along to another.
  useEffect(() => set(defaults(kind.fields)), [scope]);
  useEffect(() => {
    const empty = [...(form.current?.elements ?? [])].find((one) => one instanceof HTMLInputElement || one instanceof HTMLSelectElement ? one.required && !one.value : false);
    const first = empty ?? form.current?.querySelector("button[type=submit]");
    (first as HTMLElement | undefined)?.focus({ preventScroll: false });
  }, []);

  const needed = kind.fields.filter((field) => field.required || field.one_of.length > 0 || (field.default !== null && !isRecord));
  const optional = kind.fields.filter((field) => !needed.includes(field));
  const handy = optional.filter((field) => isRecord || field.choices?.length).slice(0, Math.max(AT_HAND - needed.length, 0));
  const rest = optional.filter((field) => !handy.includes(field));
  const save = async (isSure: boolean) => {
    work(true);
    tell("");
    doubt(false);
    const situation = workbench.state.start!.situation;
    const there = scope ? { scope } : {};
    try {
      let texts: Record<string, string> = {};
      if (asking) {
        const { text } = await workbench.ask("add", { kind: asking.kind, fields: filled(person, asking.fields), ...there });
        texts = { [situation]: text };
      }
      const fields = filled(withName(values, String(person.name ?? "")), kind.fields);
      const found: NewText = isRecord
        ? await workbench.ask("add_scope", { fields })
        : await workbench.ask("add", { ...(isSure ? { sure: true } : {}), kind: kind.kind, ...(kind.role === "event" ? { date } : {}), fields, ...(kind.scoped ? there : {}), texts });
      onEnd();
      await workbench.put(situation, found.text, found.sentence);
    } catch (error) {
      tell(inWords(error));
      doubt(isDoubt(error));
    } finally {
      work(false);
    }
  };
  const isNew = (field: Field) => [values[field.name]].flat().includes(SOMEBODY);
  const asking = kind.fields.filter(isNew).map((field) => mayBeNew(field, happened.all))[0];
  const shown = (fields: Field[]) => <Fields fields={fields} values={values} onChange={set} kinds={isRecord ? [] : happened.all} />;
  return (
    <form class="choice event" ref={form} onSubmit={(event) => { event.preventDefault(); void save(false); }}>
      {kind.says && <p class="quiet small"><Says text={kind.says} /></p>}
      {!isRecord && (
        <div class="row">
          {happened.scopes.length > 0 && kind.scoped && (
            <span class="field">
              <label for={`${id}s`}>{sentence(words.scope ?? "Of")}</label>
              <select id={`${id}s`} value={scope ?? ""} onChange={(event) => onScope(event.currentTarget.value)}>
                {happened.scopes.map((one) => <option value={one.value}>{one.title}</option>)}
              </select>
            </span>
          )}
          {kind.role === "event" && <span class="field">
            <label for={`${id}d`}>Day</label>
            <input id={`${id}d`} type="date" required max={today} value={date} onInput={(event) => setDate(event.currentTarget.value)} />
          </span>}
        </div>
      )}
      {shown(needed)}
      {shown(handy)}
      {rest.length > 0 && <details><summary>More to say</summary>{shown(rest)}</details>}
      {asking && (
        <fieldset>
          <legend>Somebody new</legend>
          <Fields fields={asking.fields.map((field) => ({ ...field, required: field.required || field.name === "name" }))} values={person} onChange={setPerson} />
        </fieldset>
      )}
      {trouble && <p role="alert" class="trouble">{trouble}</p>}
      <p class="ways">
        <button type="submit" class="first" disabled={busy}>Save</button>
        {isDoubtful && <button type="button" onClick={() => void save(true)}>Save all the same</button>}
        <button type="button" class="plain" onClick={onEnd}>Cancel</button>
      </p>
    </form>
  );
}

/** The values with a new person's name where one was meant. */
function withName(values: Values, name: string): Values {
  const named = (value: string) => (value === SOMEBODY ? name : value);
  return Object.fromEntries(Object.entries(values).map(([field, value]) =>
    [field, Array.isArray(value) ? value.map(named) : typeof value === "string" ? named(value) : value]));
}
