/** What the page and the engine say to each other: the methods, what they take, and what they answer. */

export type Day = string; // 2026-11-21
export type FileId = string; // opaque, never a path

export interface Diagnostic {
  code: string;
  message: string;
  hint: string | null;
  note: string | null;
  file: FileId | null;
  where: string;
  line: number | null;
  column: number | null;
  end_line: number | null;
  end_column: number | null;
  fix: { title: string; edits: TextEdit[] } | null;
  severity: "mistake" | "finding";
}

/** A stretch of a text; lines and columns count characters from 1. */
export interface Stretch {
  line: number;
  column: number;
  end_line: number;
  end_column: number;
}

export interface TextEdit extends Stretch {
  file: FileId;
  text: string;
}

export interface Place extends Stretch {
  file: FileId;
  text: string;
}

export interface FileInfo {
  id: FileId;
  name: string;
  kind: "situation" | "rules" | "vocabulary" | "tests";
  pack: string | null;
  /** Null for a file that comes with the program, which is asked for when it is looked at. */
  text: string | null;
  revision: string;
  may_save: boolean;
  is_new?: boolean;
  shipped?: boolean;
}

export interface Example {
  name: string;
  title: string;
  about: string;
}

export interface Start {
  version: string;
  today: Day;
  mode: "open" | "site";
  title: string;
  /** What the rules call a record of the scope, several of them, and the whole. */
  words: { scope?: string | null; scopes?: string | null; whole?: string; scope_kind?: string | null };
  person: boolean;
  author: boolean;
  may_save: boolean;
  may_edit_rules: boolean;
  situation: FileId;
  /** The text of a situation in which nothing has happened yet. */
  blank: string;
  files: FileInfo[];
  examples: Example[];
  profiles?: string[];
}

export interface Source {
  cited: string;
  title: string;
  url: string | null;
}

/** One action of the advice in a line. */
export interface Line {
  id: string;
  action: string;
  title: string;
  say: string | null;
  do: string[];
}

export interface Card {
  id: string;
  number: number | null;
  title: string;
  what: string;
  why: string | null;
  to: string | null;
  scope: string | null;
  scope_name: string | null;
  channel: string | null;
  /** The day by which, or from which where it lies ahead. */
  by: Day | null;
  by_words: string;
  urgency: "urgent" | "high" | "normal" | "low";
  tone: "now" | "soon" | "lost soon" | "quiet";
  parts: Line[];
  do: string[];
  avoid: string[];
  sources: Source[];
  may: { draft: boolean; done: boolean; skip: boolean; why: boolean };
}

export interface Wait {
  id: string;
  title: string;
  until: Day | null;
  sentence: string;
}

/** Of the report only what the page reads itself; all else stands in the cards. */
export interface Report {
  as_of: Day;
  next_change?: Day | null;
  steps?: { id: string; title: string; why?: string }[];
  [more: string]: unknown;
}

export interface Advice {
  report: Report | null;
  /** Null where the texts have mistakes. */
  sentences: { day: string; headline: string; next_change_sentence: string | null; folded: string | null } | null;
  cards: Card[];
  more: Card[];
  waits: Wait[];
  coming: Card[];
  /** What holds all the time, a sentence each. */
  always: string[];
  careful: Line[];
  /** What goes along with the next message. */
  riding: Line[];
  skipped: Line[];
  rules: "current" | "before";
  diagnostics: Diagnostic[];
}

export interface ChangeDay {
  day: Day;
  new: string[];
  gone: string[];
  moved: string[];
  count: number;
}

export interface Days {
  first: Day;
  last: Day;
  days: ChangeDay[];
}

/** A line of reasons, and those that it rests on. */
export interface Branch {
  text: string;
  branches: Branch[];
}

export interface Why {
  paragraphs: string[];
  outline: { title: string; branches: Branch[] }[];
  tree: unknown;
}

export interface WantedAction {
  action: string;
  title: string;
  application?: string | null;
  application_name?: string | null;
  to?: string | null;
}

export interface WhyNotChange {
  /** With what is to stand in the file. */
  sentence: string;
  /** The same for whoever does not write it by hand. */
  words: string;
  /** The situation's text after it; null where it is enough to wait. */
  new_text: string | null;
  day: Day | null;
  after: string[];
}

export interface WhyNot {
  headline: string;
  /** It is advised after all. */
  recommended: boolean;
  changes: WhyNotChange[];
  json: unknown;
}

export interface Draft {
  subject: string | null;
  text: string;
  channel: string | null;
  address: string | null;
  mailto: string | null;
  /** Whether the link has the whole text with it. */
  mailto_is_whole: boolean;
  blanks: string[];
  templates: { name: string; title: string }[];
}

/** `reference`: a record by its key, such as a person. Decimal numbers are `decimal 2` and the like. */
export type FieldType =
  | "text" | "date" | "time" | "choice" | "reference" | "bool" | "number" | "duration" | "period" | `decimal ${number}`;

export interface Field {
  name: string;
  title: string;
  type: FieldType;
  choices: { value: string; title: string }[] | null;
  many: boolean;
  required: boolean;
  /** Of these fields one must be said. */
  one_of: string[];
  default: FieldValue | null;
  /** The kinds that a reference may be of. */
  refers_to?: string[];
}

export type FieldValue = string | number | boolean | string[];

export interface Kind {
  kind: string;
  title: string;
  says: string;
  role: string;
  /** Whether it belongs to one record of the scope. */
  scoped: boolean;
  fields: Field[];
}

export interface Happened {
  first: Kind[];
  all: Kind[];
  scopes: { value: string; title: string }[];
}

/** A new text of the situation; nothing was saved yet. */
export interface NewText {
  text: string;
  line: number | null;
  end_line: number | null;
  sentence: string;
  notes?: string[];
  /** What changes in the advice, a signed line each. */
  after?: string[];
  /** Of a step, what was not settled with it. */
  left?: { title: string; because: string }[];
}

/** What has to be said besides; with `event` a kind of event is asked for, and `or` are fields that do as well. */
export type Question = Partial<Field> & Pick<Field, "name" | "title"> & { or?: Field[] };

export type NewTextOrQuestions = NewText | { asks: Question[] };

/** A share of the way from the first day to the last, as SVG writes it: `12.50%`. */
export type Share = string;

export interface TimelineMark {
  at: Share;
  title: string;
  label: string | null;
  tier: number;
  leans_left: boolean;
  ahead: boolean;
}

export interface TimelineBar {
  at: Share;
  width: Share;
  look: "good" | "late" | "possible" | "open" | "pause";
}

export interface TimelineLane {
  id: string | null;
  title: string;
  when: string;
  whom: string;
  tone: string;
  bars: TimelineBar[];
}

export interface TimelineEvent {
  date: Day;
  kind: string;
  title: string;
  said: string;
  line: number | null;
}

export interface Course {
  scope: string | null;
  name: string;
  about: string;
  over: boolean;
  earlier: number;
  /** In how many lines labels stand beneath the dots. */
  tiers: number;
  events: TimelineEvent[];
  marks: TimelineMark[];
  lanes: TimelineLane[];
}

export interface Timeline {
  today: Share;
  first: Day;
  last: Day;
  weeks: { at: Share; label: string; silent: boolean; minor: boolean }[];
  courses: Course[];
}

export interface Download {
  name: string;
  text: string;
}

export interface Changed {
  changed: { file: FileId; text: string; revision: string }[];
  /** Files that the page has not heard of. */
  new?: FileInfo[];
}

/** The methods that the person's screens use. Those of an author stand in screens/author. */
export interface Methods {
  start: { params: object; answer: Start };
  example: { params: { name: string }; answer: { name: string; text: string } };
  advice: { params: { as_of?: Day }; answer: Advice };
  days: { params: { from?: Day; days?: number }; answer: Days };
  timeline: { params: { as_of?: Day }; answer: Timeline };
  why: { params: { id: string; as_of?: Day }; answer: Why };
  wanted: { params: { as_of?: Day }; answer: { actions: WantedAction[] } };
  why_not: { params: { action: string; application?: string; to?: string; as_of?: Day }; answer: WhyNot };
  draft: { params: { id: string; template?: string; as_of?: Day }; answer: Draft };
  happened: { params: { scope?: string }; answer: Happened };
  file: { params: { file: FileId }; answer: FileInfo };
  add: { params: { kind: string; date?: Day; fields: Record<string, FieldValue>; scope?: string; sure?: boolean; texts?: Record<FileId, string> }; answer: NewText };
  add_scope: { params: { key?: string; name?: string; fields: Record<string, FieldValue> }; answer: NewText };
  done: { params: { id: string; date?: Day; event?: string; fields?: Record<string, FieldValue>; sure?: boolean }; answer: NewTextOrQuestions };
  skip: { params: { id: string; until?: Day; because?: string }; answer: NewText };
  unskip: { params: { id: string }; answer: NewText };
  edit: { params: { line: number; changes?: Record<string, FieldValue | null>; remove?: true }; answer: NewText };
  save: { params: { file: FileId; text: string; revision: string }; answer: { revision: string } };
  changed: { params: { revisions: Record<FileId, string> }; answer: Changed };
  calendar: { params: { as_of?: Day }; answer: Download };
  feed: { params: object; answer: { path: string } };
  report_page: { params: { as_of?: Day }; answer: Download };
  check: { params: { deep?: boolean }; answer: { diagnostics: Diagnostic[] } };
}

export type Method = keyof Methods;
