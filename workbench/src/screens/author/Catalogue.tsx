/** Every rule as a sentence with its sources, to be searched. */

import { useDeferredText } from "./deferred";
import { useAsked } from "./asking";
import { useDesk } from "./desk";
import type { CatalogueRule } from "./methods";

const MOST_SHOWN = 60;

export function Catalogue({ texts }: { texts: unknown }) {
  const desk = useDesk();
  const asked = useAsked((signal) => desk.ask("rules", {}, signal), [texts], 600);
  const [typed, sought, setTyped] = useDeferredText(150);
  const rules = asked.value?.rules ?? [];
  const words = sought.toLowerCase().split(/\s+/).filter(Boolean);
  const found = rules.filter((rule) => {
    const whole = textOf(rule);
    return words.every((word) => whole.includes(word));
  });
  return (
    <>
      <div class="panel-head">
        <label>Search<input type="search" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} /></label>
        <p role="status">{asked.value ? `${found.length} of ${rules.length} rules` : asked.busy ? "Asking…" : ""}</p>
      </div>
      {asked.problem && <p class="words" role="alert">{asked.problem.words}</p>}
      <ul class="results">{found.slice(0, MOST_SHOWN).map((rule) => <Rule key={rule.id} rule={rule} />)}</ul>
      {found.length > MOST_SHOWN && <p class="quiet small">and {found.length - MOST_SHOWN} more: search for less</p>}
    </>
  );
}

function Rule({ rule }: { rule: CatalogueRule }) {
  const desk = useDesk();
  return (
    <li>
      <p>
        <strong>{rule.title || rule.id}</strong> <code>{rule.id}</code>
        {rule.tests !== null && <span class="quiet small"> {rule.tests === 1 ? "1 test" : `${rule.tests} tests`}</span>}
        {" "}<button type="button" class="plain" aria-label={`Go to ${rule.id}`} onClick={() => desk.open(rule.file, { line: rule.line, column: 1 })}>Go to</button>
      </p>
      <p class="words">{rule.sentence}</p>
      {rule.sources.length > 0 && <p class="quiet small">{rule.sources.map(sourceOf).join("; ")}</p>}
    </li>
  );
}

const sourceOf = (source: CatalogueRule["sources"][number]): string => (typeof source === "string" ? source : source.title);

const textOf = (rule: CatalogueRule): string =>
  [rule.id, rule.title, rule.sentence, ...rule.sources.map(sourceOf)].join(" ").toLowerCase();
