/** How the page asks the engine: over HTTP, or a worker in which the engine runs. */
import type { Diagnostic, FileId } from "./api";

export interface Params {
  texts?: Record<FileId, string>;
  [name: string]: unknown;
}

export interface Host {
  /** The answer of a method; raises `Mistakes`, `Conflict`, `Unreachable`, or what `signal` was aborted with. */
  ask(method: string, params: Params, signal?: AbortSignal): Promise<unknown>;
  /** The lines of a method that answers bit by bit; resolves after the last. */
  stream(method: string, params: Params, onLine: (line: unknown) => void, signal?: AbortSignal): Promise<void>;
}

/** What is wrong in the texts or in what was asked. */
export class Mistakes extends Error {
  constructor(readonly diagnostics: Diagnostic[]) {
    super(diagnostics.map((one) => one.message).join("\n"));
  }
}

/** The file changed since the page read it; nothing was written. */
export class Conflict extends Error {
  constructor(readonly text: string, readonly revision: string) {
    super("the file changed on disk");
  }
}

/** What is only doubtful: a day far off, or what was said already. It may be asked again with `sure`. */
const DOUBTS = new Set(["FC532", "FC533"]);

export const isDoubt = (error: unknown): boolean =>
  error instanceof Mistakes && error.diagnostics.length > 0 && error.diagnostics.every((one) => DOUBTS.has(one.code));

/** Nobody answers, or the page may not ask. */
export class Unreachable extends Error {}

/** Talks to `followcue open`. */
export class HttpHost implements Host {
  private entered: Promise<void> | null = null;

  /** `secret` is the URL's fragment; it is changed for a cookie that scripts cannot read. */
  constructor(private readonly secret: string, private readonly base = "api/") {}

  async ask(method: string, params: Params, signal?: AbortSignal): Promise<unknown> {
    return (await this.post(method, params, signal)).json();
  }

  async stream(method: string, params: Params, onLine: (line: unknown) => void, signal?: AbortSignal) {
    const { body } = await this.post(method, params, signal);
    const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      const lines = (rest + (value ?? "")).split("\n");
      rest = done ? "" : lines.pop()!;
      for (const line of lines) if (line.trim()) onLine(JSON.parse(line));
      if (done) return;
    }
  }

  private async post(method: string, params: Params, signal?: AbortSignal): Promise<Response> {
    if (this.secret) await (this.entered ??= this.enter());
    const answer = await this.send(method, params, signal);
    if (answer.ok) return answer;
    const said = (await answer.json().catch(() => ({}))) as Partial<Mistakes & Conflict>;
    if (answer.status === 409 && said.revision !== undefined) throw new Conflict(said.text ?? "", said.revision);
    if (answer.status === 401) throw new Unreachable("This page is not let in. Open the address that `followcue open` printed last; each works once.");
    if (said.diagnostics?.length) throw new Mistakes(said.diagnostics);
    throw new Unreachable(`The server answered ${answer.status} to ${method}.`);
  }

  private async enter(): Promise<void> {
    const answer = await this.send("enter", { secret: this.secret });
    // A page that is opened again has its cookie already: then the secret is used up, and that is fine.
    if (!answer.ok && answer.status !== 401) throw new Unreachable(`The server answered ${answer.status}.`);
  }

  private async send(method: string, params: object, signal?: AbortSignal): Promise<Response> {
    const request: RequestInit = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(params),
      credentials: "same-origin",
    };
    if (signal) request.signal = signal;
    try {
      return await fetch(this.base + method, request);
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Unreachable("The program that this page belongs to has stopped. Start `followcue open` again.");
    }
  }
}

/** What a worker is sent, and what it posts back. `cancel` names the request that is no longer wanted. */
export type ToWorker = { id: number; method: string; params: Params } | { cancel: number };
export type FromWorker =
  | { id: number; answer: unknown }
  | { id: number; line: unknown }
  | { id: number; done: true }
  | { id: number; diagnostics: Diagnostic[] }
  | { id: number; conflict: { text: string; revision: string } }
  | { id: number; failed: string }
  | { progress: string };

interface Waiting {
  resolve: (answer: unknown) => void;
  reject: (error: unknown) => void;
  onLine?: (line: unknown) => void;
}

/** Talks to a worker; `onProgress` is told in words what it is doing while it starts. */
export class WorkerHost implements Host {
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;

  constructor(private readonly worker: Worker, onProgress: (words: string) => void = () => {}) {
    worker.addEventListener("message", (event: MessageEvent<FromWorker>) => {
      const said = event.data;
      if ("progress" in said) onProgress(said.progress);
      else this.take(said);
    });
    worker.addEventListener("error", (event) => {
      for (const one of this.waiting.values()) one.reject(new Unreachable(event.message || "The worker failed."));
      this.waiting.clear();
    });
  }

  ask(method: string, params: Params, signal?: AbortSignal): Promise<unknown> {
    return this.send(method, params, signal);
  }

  async stream(method: string, params: Params, onLine: (line: unknown) => void, signal?: AbortSignal) {
    await this.send(method, params, signal, onLine);
  }

  private send(method: string, params: Params, signal?: AbortSignal, onLine?: (line: unknown) => void) {
    return new Promise<unknown>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const id = ++this.last;
      this.waiting.set(id, onLine ? { resolve, reject, onLine } : { resolve, reject });
      signal?.addEventListener("abort", () => {
        if (!this.waiting.delete(id)) return;
        this.worker.postMessage({ cancel: id } satisfies ToWorker);
        reject(signal.reason);
      });
      this.worker.postMessage({ id, method, params } satisfies ToWorker);
    });
  }

  private take(said: Exclude<FromWorker, { progress: string }>): void {
    const one = this.waiting.get(said.id);
    if (!one) return;
    if ("line" in said) return one.onLine?.(said.line);
    this.waiting.delete(said.id);
    if ("answer" in said) one.resolve(said.answer);
    else if ("done" in said) one.resolve(undefined);
    else if ("diagnostics" in said) one.reject(new Mistakes(said.diagnostics));
    else if ("conflict" in said) one.reject(new Conflict(said.conflict.text, said.conflict.revision));
    else one.reject(new Unreachable(said.failed));
  }
}
