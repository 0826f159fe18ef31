import type { Branch } from "../api";

/** Lines nested as they rest on each other. */
export function Outline({ branches }: { branches: Branch[] }) {
  return <ul class="outline small">{branches.map((one) => <li>{one.text}{one.branches.length > 0 && <Outline branches={one.branches} />}</li>)}</ul>;
}
