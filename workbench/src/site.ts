/** What is different where the page is a site: saving is downloading, and a text stays only where a person asks. */
import type { FileInfo, FileId, Start } from "./api";
import { type Params, WorkerHost } from "./host";

/** Talks to the worker of a site; a text that is saved is downloaded. */
export class SiteHost extends WorkerHost {
  private names: Record<FileId, string> = {};
  private downloads = 0;

  override async ask(method: string, params: Params, signal?: AbortSignal): Promise<unknown> {
    if (method === "save") return this.save(params as Params & { file: FileId; text: string });
    const answer = await super.ask(method, params, signal);
    if (method === "start") this.names = Object.fromEntries((answer as Start).files.map((file) => [file.id, file.name]));
    return answer;
  }

  private save({ file, text }: { file: FileId; text: string }): { revision: string } {
    download(this.names[file]?.split("/").at(-1) ?? "situation.yaml", text);
    return { revision: `downloaded ${++this.downloads}` };
  }
}

function download(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Sites beside each other on one host keep apart. */
const KEY = `followcue ${location.pathname}`;

/** The texts by the names of their files that this browser was asked to keep; null where it was not. */
export function keptTexts(): Record<string, string> | null {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "null") as unknown;
    return found && typeof found === "object" ? (found as Record<string, string>) : null;
  } catch {
    return null; // a browser that keeps nothing, or what some other page left there
  }
}

/** Keeps the texts that a person changed since the start; false where the browser keeps nothing, or not that much. */
export function keep(files: Record<FileId, FileInfo & { saved: string }>, start: Start): boolean {
  const revisions = new Map(start.files.map((file) => [file.id, file.revision]));
  const changed = Object.values(files).filter((file) => file.text !== file.saved || file.revision !== revisions.get(file.id));
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(changed.map((file) => [file.name, file.text]))));
    return true;
  } catch {
    return false;
  }
}

/** Keeps nothing any more. */
export function forget(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // it kept nothing
  }
}
