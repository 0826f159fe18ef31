import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { inWords } from "../state";

/** A part whose code is fetched only when it is shown. `load` must stay the same function. */
export function Later<P extends object>({ load, ...rest }: { load: () => Promise<{ default: ComponentType<P> }> } & P) {
  const [part, set] = useState<{ Part?: ComponentType<P>; failed?: string }>({});
  useEffect(() => {
    load().then(({ default: Part }) => set({ Part }), (error) => set({ failed: inWords(error) }));
  }, [load]);
  if (part.failed) return <p role="alert">{part.failed}</p>;
  const Part = part.Part;
  return Part ? <Part {...(rest as unknown as P)} /> : <p class="quiet" role="status">Loading…</p>;
}
