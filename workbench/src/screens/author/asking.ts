/** Questions asked again whenever what they are about changes: after a pause, the one before given up. */

import { useEffect, useState } from "preact/hooks";

import type { Diagnostic } from "../../api";
import { Mistakes } from "../../host";

/** What came of a question: the last answer, which stays while a newer one is under way. */
export interface Asked<T> {
  value: T | null;
  busy: boolean;
  problem: Problem | null;
}

export interface Problem {
  words: string;
  diagnostics: Diagnostic[];
}

export function problemOf(error: unknown): Problem {
  if (error instanceof Mistakes) return { words: error.message, diagnostics: error.diagnostics };
  return { words: error instanceof Error ? error.message : String(error), diagnostics: [] };
}

/** Ask `question`, `pause` milliseconds after the last change of `about`; nothing is asked where it is null. */
export function useAsked<T>(
  question: ((signal: AbortSignal) => Promise<T>) | null, about: readonly unknown[], pause = 0,
): Asked<T> {
  const [asked, setAsked] = useState<Asked<T>>({ value: null, busy: false, problem: null });
  useEffect(() => {
    if (!question) return undefined;
    const given = new AbortController();
    const timer = setTimeout(() => {
      setAsked((before) => ({ ...before, busy: true }));
      question(given.signal).then(
        (value) => given.signal.aborted || setAsked({ value, busy: false, problem: null }),
        (error: unknown) =>
          given.signal.aborted || setAsked((before) => ({ ...before, busy: false, problem: problemOf(error) })),
      );
    }, pause);
    return () => {
      clearTimeout(timer);
      given.abort(new DOMException("given up", "AbortError"));
      setAsked((before) => (before.busy ? { ...before, busy: false } : before));
    };
  }, about);
  return asked;
}
