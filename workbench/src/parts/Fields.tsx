import { useId } from "preact/hooks";
import type { Field, FieldValue, Kind } from "../api";

export type Values = Record<string, FieldValue>;

/** Those that were filled in, but for what goes without saying. */
export function filled(values: Values, fields: Field[]): Values {
  const usual = Object.fromEntries(fields.map((field) => [field.name, field.default]));
  return Object.fromEntries(Object.entries(values).filter(([name, value]) =>
    Array.isArray(value) ? value.length > 0 : value !== "" && value !== NEW && value !== usual[name]));
}

/** What the fields begin with. */
export function defaults(fields: Field[]): Values {
  return Object.fromEntries(fields.flatMap((field) => {
    const only = field.required && field.choices?.length === 1 ? field.choices[0]!.value : null;
    const first = field.default ?? only;
    return first === null ? [] : [[field.name, first]];
  }));
}

/** Stands for a record that is not written down yet. */
export const NEW = "\0new";

/** Whether somebody new can be meant: a reference to records of a kind that has a name. */
export const mayBeNew = (field: Field, kinds: Kind[]): Kind | undefined =>
  kinds.find((kind) => kind.role === "record" && field.refers_to?.includes(kind.kind) && kind.fields.some((one) => one.name === "name"));

interface Props {
  fields: Field[];
  values: Values;
  onChange(values: Values): void;
  /** The kinds of records of which a new one may be named. */
  kinds?: Kind[];
}

/** One labelled input for each field. */
export function Fields({ fields, values, onChange, kinds = [] }: Props) {
  return (
    <>
      {fields.map((field) => (
        <One key={field.name} field={field} value={values[field.name]} isNew={Boolean(mayBeNew(field, kinds))}
          onChange={(value) => onChange({ ...values, [field.name]: value })} />
      ))}
    </>
  );
}

interface OneProps {
  field: Field;
  value: FieldValue | undefined;
  isNew: boolean;
  onChange(value: FieldValue): void;
}

const INPUTS: Partial<Record<Field["type"], string>> = { date: "date", time: "time", number: "number" };
const PLACEHOLDERS: Partial<Record<Field["type"], string>> = { duration: "2 weeks", period: "2 months" };

/** The type of an input that is known only when the page runs. */
const typed = (type: string) => ({ type }) as { type: "text"; list?: never };

function One({ field, value, isNew, onChange }: OneProps) {
  const id = useId();
  if (field.many && field.choices?.length) return <Several field={field} value={value} onChange={onChange} isNew={isNew} />;
  if (field.type === "bool")
    return (
      <p class="field flag">
        <input id={id} type="checkbox" checked={value === true || value === "true"} onChange={(event) => onChange(event.currentTarget.checked)} />
        <label for={id}>{sentence(field.title)}</label>
      </p>
    );
  const choices = field.choices ?? [];
  const isChoice = choices.length > 0 || (isNew && field.type === "reference");
  return (
    <p class="field">
      <label for={id}>{sentence(field.title)}{field.required && <Needed />}</label>
      {isChoice ? (
        <select id={id} required={field.required} value={String(value ?? "")} onChange={(event) => onChange(event.currentTarget.value)}>
          <option value="">{field.required ? "Choose" : "Not said"}</option>
          {choices.map((one) => <option value={one.value}>{one.title}</option>)}
          {isNew && <option value={NEW}>Somebody new…</option>}
        </select>
      ) : (
        <input id={id} {...typed(INPUTS[field.type] ?? "text")} required={field.required} value={String(value ?? "")}
          placeholder={PLACEHOLDERS[field.type] ?? ""} autocomplete="off" onInput={(event) => onChange(event.currentTarget.value)} />
      )}
    </p>
  );
}

const Needed = () => <span class="quiet"> (needed)</span>;

export const sentence = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);

function Several({ field, value, isNew, onChange }: OneProps) {
  const chosen = Array.isArray(value) ? value : value === undefined || value === "" ? [] : [String(value)];
  const id = useId();
  const all = [...field.choices!, ...(isNew ? [{ value: NEW, title: "Somebody new" }] : [])];
  return (
    <fieldset class="field several">
      <legend>{sentence(field.title)}{field.required && <Needed />}</legend>
      {all.map((one, place) => (
        <span class="one" key={one.value}>
          <input id={id + place} type="checkbox" checked={chosen.includes(one.value)}
            onChange={(event) => onChange(event.currentTarget.checked ? [...chosen, one.value] : chosen.filter((other) => other !== one.value))} />
          <label for={id + place}>{one.title}</label>
        </span>
      ))}
    </fieldset>
  );
}
