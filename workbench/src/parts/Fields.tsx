import { useId } from "preact/hooks";
import type { Field, FieldValue } from "../api";

export type Values = Record<string, FieldValue>;

/** Those that were filled in. */
export function filled(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) =>
    Array.isArray(value) ? value.length > 0 : typeof value === "object" ? Boolean(value.new.name?.trim()) : value !== ""));
}

/** What the fields begin with. */
export function defaults(fields: Field[]): Values {
  return Object.fromEntries(fields.flatMap((field) => field.default === null || field.default === undefined ? [] : [[field.name, field.default]]));
}

interface Props {
  fields: Field[];
  values: Values;
  onChange(values: Values): void;
}

/** One labelled input for each field. */
export function Fields({ fields, values, onChange }: Props) {
  return (
    <>
      {fields.map((field) => (
        <One key={field.name} field={field} value={values[field.name]} onChange={(value) => onChange({ ...values, [field.name]: value })} />
      ))}
    </>
  );
}

/** The type of an input that is known only when the page runs. */
const typed = (type: string) => ({ type }) as { type: "text"; list?: never };

interface OneProps {
  field: Field;
  value: FieldValue | undefined;
  onChange(value: FieldValue): void;
}

const INPUTS: Partial<Record<Field["type"], string>> = { day: "date", time: "time", number: "number" };

function One({ field, value, onChange }: OneProps) {
  const id = useId();
  if ((field.type === "people" || field.type === "choices") && field.choices) return <Several field={field} value={value} onChange={onChange} />;
  if (field.type === "flag")
    return (
      <p class="field flag">
        <input id={id} type="checkbox" checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />
        <label for={id}>{field.title}</label>
      </p>
    );
  const isNew = typeof value === "object" && !Array.isArray(value);
  return (
    <>
      <p class="field">
        <label for={id}>{field.title}{field.required && <Needed />}</label>
        {field.choices ? (
          <select id={id} required={field.required} value={isNew ? NEW : String(value ?? "")}
            onChange={(event) => onChange(event.currentTarget.value === NEW ? { new: {} } : event.currentTarget.value)}>
            {(!field.required || field.default === null) && <option value="">{field.required ? "Choose" : "Not said"}</option>}
            {field.choices.map((one) => <option value={one.value}>{one.title}</option>)}
            {field.new && <option value={NEW}>Somebody new…</option>}
          </select>
        ) : isNew || (field.new && value === undefined) ? null : (
          <input id={id} {...typed(INPUTS[field.type] ?? "text")} required={field.required} value={String(value ?? "")}
            placeholder={field.type === "duration" ? "2 weeks" : ""} autocomplete="off"
            onInput={(event) => onChange(event.currentTarget.value)} />
        )}
        {!field.choices && field.new && value === undefined && <button type="button" id={id} onClick={() => onChange({ new: {} })}>Somebody new…</button>}
      </p>
      {isNew && <NewPerson value={value.new} onChange={(person) => onChange({ new: person })} />}
    </>
  );
}

const NEW = "\0new";

const Needed = () => <span class="quiet"> (needed)</span>;

function NewPerson({ value, onChange }: { value: Record<string, string>; onChange(value: Record<string, string>): void }) {
  const id = useId();
  return (
    <fieldset class="field">
      <legend>Somebody new</legend>
      {(["name", "email"] as const).map((name) => (
        <p class="field" key={name}>
          <label for={id + name}>{name === "name" ? "Name" : "E-mail"}</label>
          <input id={id + name} {...typed(name === "email" ? "email" : "text")} required={name === "name"} autocomplete="off" value={value[name] ?? ""}
            onInput={(event) => onChange({ ...value, [name]: event.currentTarget.value })} />
        </p>
      ))}
    </fieldset>
  );
}

function Several({ field, value, onChange }: OneProps) {
  const chosen = Array.isArray(value) ? value : [];
  const id = useId();
  return (
    <fieldset class="field several">
      <legend>{field.title}{field.required && <Needed />}</legend>
      {field.choices!.map((one) => (
        <span class="one" key={one.value}>
          <input id={id + one.value} type="checkbox" checked={chosen.includes(one.value)}
            onChange={(event) => onChange(event.currentTarget.checked ? [...chosen, one.value] : chosen.filter((other) => other !== one.value))} />
          <label for={id + one.value}>{one.title}</label>
        </span>
      ))}
    </fieldset>
  );
}
