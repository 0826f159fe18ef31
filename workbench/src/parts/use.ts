import { useEffect, useState } from "preact/hooks";
import type { Method, Methods } from "../api";
import { inWords, useWhole, useWorkbench } from "../state";

export interface Asked<T> {
  answer: T | null;
  failed: string | null;
  waiting: boolean;
}

/**
 * The answer to a question, asked again whenever its parameters or the texts change; null parameters ask nothing.
 * The last answer stays until the next is here.
 */
export function useAnswer<M extends Method>(method: M, params: Methods[M]["params"] | null): Asked<Methods[M]["answer"]> {
  const workbench = useWorkbench();
  const advice = useWhole((state) => state.advice);
  const isBroken = useWhole((state) => state.advice?.diagnostics.some((one) => one.severity === "mistake") ?? false);
  const [asked, set] = useState<Asked<Methods[M]["answer"]>>({ answer: null, failed: null, waiting: true });
  const key = JSON.stringify(params);
  useEffect(() => {
    // Of a text that cannot be read nothing can be said; the mistakes are shown already.
    if (params === null || isBroken) return;
    const given = new AbortController();
    set((last) => ({ ...last, waiting: true }));
    workbench.ask(method, params, given.signal).then(
      (answer) => { if (!given.signal.aborted) set({ answer, failed: null, waiting: false }); },
      (error) => { if (!given.signal.aborted) set((last) => ({ ...last, failed: inWords(error), waiting: false })); },
    );
    return () => given.abort();
  }, [method, key, advice]);
  return asked;
}

/** A value kept in the browser from visit to visit, if the browser keeps any. */
export function remembered(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Then it is asked again next time.
  }
}

/** Gives a text to the browser to save. */
export function download(name: string, text: string, type: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Copies a text; false where the browser does not allow it. */
export async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
