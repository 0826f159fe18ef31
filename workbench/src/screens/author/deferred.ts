/** A text that is typed, and the same a moment later, so that not every key searches. */

import { useEffect, useState } from "preact/hooks";

export function useDeferredText(pause: number): [typed: string, late: string, type: (text: string) => void] {
  const [typed, setTyped] = useState("");
  const [late, setLate] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setLate(typed), pause);
    return () => clearTimeout(timer);
  }, [typed, pause]);
  return [typed, late, setTyped];
}
