/** A button that goes to a place of a file; nothing where there is none. */

import type { FileId } from "../../api";
import { useDesk } from "./desk";

interface Props {
  file: FileId | null;
  line: number | null;
  column?: number | null;
  /** What it is called; the line otherwise. */
  name?: string;
}

export function GoTo({ file, line, column, name }: Props) {
  const desk = useDesk();
  if (file === null || line === null) return null;
  return <button type="button" class="plain" onClick={() => desk.open(file, { line, column: column ?? 1 })}>{name ?? `Line ${line}`}</button>;
}
