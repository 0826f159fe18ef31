/**
 * What the page knows: one frozen state, replaced whole at each change, and the operations that replace it.
 *
 * Texts are the truth: whatever a person does becomes a new text of a file, and advice is asked for again. Each
 * change keeps the text before it, so undoing restores it byte for byte. Saving names the revision that the page
 * has read; where the file on disk is another by now, nothing is written and both texts are shown side by side.
 */
import { useContext, useEffect, useState } from "preact/hooks";
import { createContext } from "preact";
import type { Advice, Day, Days, FileId, FileInfo, Method, Methods, Start, Timeline } from "./api";
import { Conflict, Mistakes, Unreachable, type Host } from "./host";
import { keptTexts } from "./site";

/** A file as the page has it: `saved` is the text at `revision`, `text` the one of now. */
export interface OpenFile extends FileInfo {
  text: string;
  saved: string;
  /** The text is here; those of shipped files are fetched when they are looked at. */
  loaded: boolean;
}

export interface Notice {
  id: number;
  text: string;
  tone: "said" | "trouble";
  /** Whether it offers to take back the last change. */
  undo: boolean;
}

/** The file on disk is another than the page has read. */
export interface Clash {
  file: FileId;
  theirs: string;
  revision: string;
}

export interface State {
  start: Start | null;
  /** Why the page can show nothing, in words. */
  failure: string | null;
  /** What is being waited for before the first answer, in words. */
  progress: string;
  files: Record<FileId, OpenFile>;
  /** The day that counts as today: the situation's own, if it names one. */
  today: Day | null;
  /** The day looked at; null is today. */
  day: Day | null;
  advice: Advice | null;
  /** The advice is of earlier texts: the ones of now have mistakes, or the answer is not here yet. */
  stale: boolean;
  days: Days | null;
  timeline: Timeline | null;
  busy: boolean;
  saving: boolean;
  /** Whether the program that the page belongs to answers. */
  reachable: boolean;
  notices: readonly Notice[];
  clash: Clash | null;
  /** A change that is looked at and not saved. */
  trying: { file: FileId; sentence: string; before: string } | null;
  view: "person" | "author";
  can: { undo: boolean; redo: boolean };
}

interface Version {
  file: FileId;
  text: string;
  sentence: string;
  typed: boolean;
}

const EMPTY: State = {
  start: null,
  failure: null,
  progress: "Starting…",
  files: {},
  today: null,
  day: null,
  advice: null,
  stale: true,
  days: null,
  timeline: null,
  busy: false,
  saving: false,
  reachable: true,
  notices: [],
  clash: null,
  trying: null,
  view: "person",
  can: { undo: false, redo: false },
};

/** How long typing rests before advice is asked for again, in milliseconds. */
const PAUSE = 250;

/** How often the page asks whether a file changed on disk, in milliseconds. */
const LOOK_AGAIN = 2000;

export class Workbench {
  private now: State = EMPTY;
  private readonly watchers = new Set<() => void>();
  private readonly past: Version[] = [];
  private readonly future: Version[] = [];
  private asked: AbortController | null = null;
  private pause: ReturnType<typeof setTimeout> | undefined;
  private notice = 0;
  /** The last of the savings under way; each waits for the one before, whose revision it builds on. */
  private writing: Promise<unknown> = Promise.resolve();

  constructor(private readonly host: Host) {}

  get state(): State {
    return this.now;
  }

  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  set(change: Partial<State>): void {
    this.now = { ...this.now, ...change };
    for (const watcher of this.watchers) watcher();
  }

  // --- asking

  /** The texts that the page has and the disk has not. */
  get unsaved(): Record<FileId, string> {
    const changed = Object.values(this.now.files).filter((file) => file.text !== file.saved);
    return Object.fromEntries(changed.map((file) => [file.id, file.text]));
  }

  /** The answer to a question about the texts of now. */
  ask<M extends Method>(method: M, params: Methods[M]["params"], signal?: AbortSignal): Promise<Methods[M]["answer"]>;
  ask<Answer>(method: string, params: object, signal?: AbortSignal): Promise<Answer>;
  ask(method: string, params: object, signal?: AbortSignal): Promise<unknown> {
    const given = (params as { texts?: Record<FileId, string> }).texts;
    return this.host.ask(method, { ...params, texts: { ...this.unsaved, ...given } }, signal);
  }

  stream(method: string, params: object, onLine: (line: unknown) => void, signal?: AbortSignal): Promise<void> {
    return this.host.stream(method, { ...params, texts: this.unsaved }, onLine, signal);
  }

  /** Does something and tells what went wrong in a notice; undefined where something did. */
  async trouble<T>(doing: Promise<T>): Promise<T | undefined> {
    try {
      return await doing;
    } catch (error) {
      if (!isAbort(error)) this.tell(inWords(error), "trouble");
      return undefined;
    }
  }

  // --- beginning

  async begin(): Promise<void> {
    try {
      const start = await this.host.ask("start", {}) as Start;
      const files = Object.fromEntries(start.files.map((file) => [file.id, opened(file)]));
      this.set({ start, files, today: start.today, view: start.author && ((start.may_edit_rules && start.mode === "open") || !start.person) ? "author" : "person" });
      if (!this.savesAtOnce) await this.takeKept();
      await this.refresh();
      this.lookAgain();
      addEventListener("beforeunload", (event) => {
        // Only a text that nobody else has keeps the page open.
        if (!this.now.trying && start.mode === "open" && Object.keys(this.unsaved).length) event.preventDefault();
      });
    } catch (error) {
      this.set({ failure: inWords(error) });
    }
  }

  /** Whether what a button changes goes to disk at once; a site has none, and downloads where it is asked to. */
  private get savesAtOnce(): boolean {
    return this.now.start?.mode === "open";
  }

  /** The texts that this browser was asked to keep. */
  private async takeKept(): Promise<void> {
    const kept = keptTexts() ?? {};
    for (const { id, name } of Object.values(this.now.files).filter((file) => Object.hasOwn(kept, file.name))) {
      await this.open(id);
      this.replace(id, { text: String(kept[name]) });
    }
  }

  // --- looking

  /** Shows the advice of a day; null is today. */
  look(day: Day | null): void {
    this.set({ day: day === this.today ? null : day });
    void this.refresh(false);
  }

  get today(): Day | null {
    return this.now.today;
  }

  /** Changes to the other view, and asks for what that shows beside the advice. */
  show(view: State["view"]): void {
    this.set({ view });
    void this.refresh();
  }

  /** Asks for the advice of now; with `texts`, also for the days ahead and the timelines. */
  async refresh(texts = true): Promise<void> {
    clearTimeout(this.pause);
    this.asked?.abort();
    const asked = (this.asked = new AbortController());
    const day = this.now.day ? { as_of: this.now.day } : {};
    this.set({ busy: true });
    try {
      const advice = await this.ask("advice", day, asked.signal);
      if (advice.report) this.set({ advice, stale: false, ...(this.now.day ? {} : { today: advice.report.as_of }) });
      else {
        const kept = this.now.advice ?? advice;
        this.set({ advice: { ...kept, diagnostics: advice.diagnostics }, stale: true });
      }
      if (advice.report) {
        const more: Promise<void>[] = [];
        // An author's view has no timelines.
        if (this.now.view === "person") more.push(this.ask("timeline", day, asked.signal).then((timeline) => this.set({ timeline })));
        if (texts) more.push(this.ask("days", { days: 121 }, asked.signal).then((days) => this.set({ days })));
        await Promise.all(more);
      }
      if (asked === this.asked) this.set({ busy: false });
    } catch (error) {
      if (asked !== this.asked) return;
      this.set({ busy: false });
      if (isAbort(error)) return;
      this.tell(inWords(error), "trouble");
    }
  }

  // --- texts

  /** Fetches the text of a file that is not here yet. */
  async open(id: FileId): Promise<void> {
    if (this.now.files[id]?.loaded) return;
    const file = await this.trouble(this.ask("file", { file: id }));
    if (file) this.set({ files: { ...this.now.files, [id]: opened(file) } });
  }

  file(id: FileId): OpenFile | undefined {
    return this.now.files[id];
  }

  get situation(): OpenFile | undefined {
    return this.now.start ? this.now.files[this.now.start.situation] : undefined;
  }

  /** What is typed in an editor: kept, asked about after a pause, and saved only on request. */
  type(id: FileId, text: string): void {
    const file = this.now.files[id];
    if (!file || file.text === text) return;
    const last = this.past.at(-1);
    // Typing goes on until the text is saved or something else happens: one step to undo.
    if (!(last?.typed && last.file === id)) this.keep(file, "what you typed", true);
    this.replace(id, { text });
    clearTimeout(this.pause);
    this.set({ stale: true });
    this.pause = setTimeout(() => void this.refresh(), PAUSE);
  }

  /** A change of the situation that a person made with a button: kept, saved where that may be, and told. */
  async put(id: FileId, text: string, sentence: string): Promise<boolean> {
    const file = this.now.files[id];
    if (!file) return false;
    if (file.text !== text) {
      this.keep(file, sentence, false);
      this.replace(id, { text });
    }
    this.set({ trying: null });
    const refreshed = this.refresh();
    const saved = file.may_save && this.savesAtOnce ? await this.save(id) : true;
    if (saved) this.tell(sentence, "said", true);
    await refreshed;
    return saved;
  }

  /** Looks at a change without saving it. */
  async tryOut(id: FileId, text: string, sentence: string, day: Day | null): Promise<void> {
    const file = this.now.files[id];
    if (!file) return;
    const before = this.now.trying?.before ?? file.text;
    this.replace(id, { text });
    this.set({ trying: { file: id, sentence, before }, day });
    await this.refresh();
  }

  /** Ends what is tried out: `keep` makes it a change like any other, else the text is as before. */
  async endTrying(keep: boolean): Promise<void> {
    const trying = this.now.trying;
    if (!trying) return;
    const tried = this.now.files[trying.file]!.text;
    this.replace(trying.file, { text: trying.before });
    this.set({ trying: null });
    if (keep) await this.put(trying.file, tried, trying.sentence);
    else await this.refresh();
  }

  /** Writes a text to disk, `always` or if it changed, one after the other; false where it could not be, which is told. */
  save(id: FileId, always = false): Promise<boolean> {
    const saved = this.writing.then(() => this.write(id, always));
    this.writing = saved;
    return saved;
  }

  private async write(id: FileId, always: boolean): Promise<boolean> {
    const file = this.now.files[id];
    if (!file || this.now.clash) return false;
    if (file.text === file.saved && !always) return true;
    const text = file.text;
    this.set({ saving: true });
    try {
      const { revision } = await this.host.ask("save", { file: id, text, revision: file.revision }) as { revision: string };
      this.replace(id, { saved: text, revision });
      const last = this.past.at(-1);
      if (last) last.typed = false;
      return true;
    } catch (error) {
      if (error instanceof Conflict) this.set({ clash: { file: id, theirs: error.text, revision: error.revision } });
      else this.tell(`Not saved. ${inWords(error)}`, "trouble");
      return false;
    } finally {
      this.set({ saving: false });
    }
  }

  /** What a person chose where the file had changed on disk: this text, over the one that was shown. */
  async settle(text: string): Promise<void> {
    const clash = this.now.clash;
    if (!clash) return;
    const file = this.now.files[clash.file]!;
    if (file.text !== text) this.keep(file, "the two versions brought together", false);
    this.replace(clash.file, { text, saved: clash.theirs, revision: clash.revision });
    this.set({ clash: null });
    const [saved] = await Promise.all([this.save(clash.file), this.refresh()]);
    if (saved) this.tell("The two versions are one again.", "said");
  }

  // --- undoing

  async undo(): Promise<void> {
    await this.travel(this.past, this.future, (sentence) => `Taken back: ${sentence}`);
  }

  async redo(): Promise<void> {
    await this.travel(this.future, this.past, (sentence) => sentence);
  }

  private async travel(from: Version[], to: Version[], told: (sentence: string) => string): Promise<void> {
    if (this.now.trying) return this.endTrying(false);
    await this.writing;
    const version = from.pop();
    const file = version && this.now.files[version.file];
    if (!file) return;
    to.push({ ...version, text: file.text, typed: false });
    const wasSaved = file.text === file.saved;
    this.replace(file.id, { text: version.text });
    this.count();
    const refreshed = this.refresh();
    const saved = wasSaved && file.may_save && this.savesAtOnce ? await this.save(file.id) : true;
    if (saved) this.tell(told(version.sentence), "said");
    await refreshed;
  }

  private keep(file: OpenFile, sentence: string, typed: boolean): void {
    this.past.push({ file: file.id, text: file.text, sentence, typed });
    this.future.length = 0;
    this.count();
  }

  private count(): void {
    this.set({ can: { undo: this.past.length > 0, redo: this.future.length > 0 } });
  }

  private replace(id: FileId, change: Partial<OpenFile>): void {
    this.set({ files: { ...this.now.files, [id]: { ...this.now.files[id]!, ...change } } });
  }

  // --- the disk

  /** Looks for changes on disk now, and again as long as the page is seen. */
  private lookAgain(): void {
    if (!this.savesAtOnce) return;
    const look = () => {
      if (document.visibilityState === "visible") void this.lookAtDisk();
    };
    setInterval(look, LOOK_AGAIN);
    addEventListener("focus", look);
    document.addEventListener("visibilitychange", look);
  }

  async lookAtDisk(): Promise<void> {
    if (this.now.saving || this.now.clash) return;
    const revisions = Object.fromEntries(Object.values(this.now.files).filter((file) => !file.shipped).map((file) => [file.id, file.revision]));
    let found: Methods["changed"]["answer"];
    try {
      found = await this.host.ask("changed", { revisions }) as Methods["changed"]["answer"];
      if (!this.now.reachable) this.set({ reachable: true });
    } catch (error) {
      // The page goes on showing what it has.
      if (error instanceof Unreachable) this.set({ reachable: false });
      return;
    }
    const unheard = (found.new ?? []).filter((file) => !this.now.files[file.id]);
    if (unheard.length) this.set({ files: { ...this.now.files, ...Object.fromEntries(unheard.map((file) => [file.id, opened(file)])) } });
    let taken = false;
    for (const { file: id, text, revision } of found.changed) {
      const file = this.now.files[id];
      if (!file || file.revision === revision || this.now.saving) continue;
      if (file.text === file.saved || file.text === text) {
        if (file.text !== text) this.keep(file, "what changed on disk", false);
        this.replace(id, { text, saved: text, revision });
        taken = true;
      } else if (!this.now.clash) this.set({ clash: { file: id, theirs: text, revision } });
    }
    if (taken) {
      await this.refresh();
      this.tell("The file changed on disk; this is what it says now.", "said");
    }
  }

  // --- telling

  tell(text: string, tone: Notice["tone"], undo = false): void {
    const notice = { id: ++this.notice, text, tone, undo };
    this.set({ notices: [...this.now.notices.filter((one) => one.tone === "trouble" && one.text !== text).slice(-2), notice] });
  }

  dismiss(id: number): void {
    this.set({ notices: this.now.notices.filter((one) => one.id !== id) });
  }
}

/** Whether a file may be changed on the page, be it only to see what comes of it. */
export const mayTry = (file: FileInfo): boolean => file.may_save || !file.shipped;

/** What a file is called, without the folders it lies in. */
export const shortName = (file: FileInfo): string => file.name.split(/[/\\]/).at(-1)!;

const opened = (file: FileInfo): OpenFile => ({ ...file, text: file.text ?? "", saved: file.text ?? "", loaded: file.text !== null });

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** What went wrong as a sentence for whoever looks at the page. */
export function inWords(error: unknown): string {
  if (error instanceof Mistakes)
    return error.diagnostics.map((one) => [one.message, one.hint].filter(Boolean).join(" ")).join("\n");
  if (error instanceof Unreachable || error instanceof Error) return error.message;
  return String(error);
}

const Shared = createContext<Workbench | null>(null);

export const WorkbenchProvider = Shared.Provider;

export function useWorkbench(): Workbench {
  const workbench = useContext(Shared);
  if (!workbench) throw new Error("a screen stands outside the workbench");
  return workbench;
}

/** The part of the state that a screen shows; the screen is drawn again when it changes. */
export function useWhole<T>(pick: (state: State) => T): T {
  const workbench = useWorkbench();
  const [, draw] = useState(0);
  const picked = pick(workbench.state);
  useEffect(() => {
    let shown = pick(workbench.state);
    if (shown !== picked) draw((n) => n + 1);
    return workbench.watch(() => {
      const next = pick(workbench.state);
      if (next !== shown) {
        shown = next;
        draw((n) => n + 1);
      }
    });
  }, [workbench]);
  return picked;
}
