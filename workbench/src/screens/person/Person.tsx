import { useWhole } from "../../state";

/** What a person in a search looks at. */
export function Person() {
  const advice = useWhole((state) => state.advice);
  return <h1>{advice?.sentences.headline ?? "…"}</h1>;
}
