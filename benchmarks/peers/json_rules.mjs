// The reference workload for json-rules-engine. Lines of JSON come in; "measure" asks for one round.
// Its conditions compare single values: what joins, counts or takes the latest is a fact made by a function.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
const { Engine } = createRequire(process.cwd() + "/")("json-rules-engine");

const TODAY = 100;
const engine = new Engine([], { allowUndefinedFacts: true });
const define = (name, make) =>
  engine.addFact(name, async (_, almanac) => make((kind) => almanac.factValue("events", { kind }), almanac));
engine.addFact("events", async ({ kind }, almanac) =>
  (await almanac.factValue("facts")).filter((fact) => fact.kind === kind));
const days = (facts) => facts.map((fact) => fact.day);
for (const kind of ["interviewed", "promised", "attempt", "offer", "rejection", "signed",
  "thanked_rejection", "asked_feedback"]) define(`${kind} count`, async (of) => (await of(kind)).length);
define("closed", async (of) => (await of("rejection")).length + (await of("signed")).length > 0);
define("since attempt", async (of) => TODAY - Math.max(...days(await of("attempt"))));
define("elapsed", async (of) => {
  const promised = await of("promised"), interviewed = await of("interviewed");
  return promised.some((p) => p.by < TODAY)
    || (promised.length === 0 && interviewed.length > 0 && TODAY > Math.max(...days(interviewed)) + 7);
});
define("to thank", async (of) => {
  const thanked = await of("thanked");
  return (await of("interviewed")).filter((i) => !thanked.some((t) => t.iv === i.iv && t.person === i.person));
});
define("kept promises", async (of) => (await of("promised")).filter((p) => p.by >= TODAY));
define("untold", async (of) => {
  const told = await of("told");
  return (await of("offer")).filter((o) => !told.some((t) => t.company === o.company));
});
define("without deadline", async (of) => (await of("offer")).filter((o) => o.answer_by == null));

const is = (fact, value) => ({ fact, operator: "equal", value });
const some = (fact) => ({ fact, operator: "greaterThanInclusive", value: 1 });
const any = (fact) => ({ fact, path: "$.length", operator: "greaterThanInclusive", value: 1 });
const open = is("closed", false);
const rule = (action, all, each = null) =>
  engine.addRule({ name: action, conditions: { all }, event: { type: action, params: { each } } });
rule("thank", [any("to thank")], "to thank");
rule("ask_timeline", [some("interviewed count"), is("promised count", 0), open]);
rule("wait_promise", [any("kept promises"), open], "kept promises");
rule("call_recruiter", [is("elapsed", true), open, is("attempt count", 0)]);
rule("second_contact", [is("elapsed", true), open, is("attempt count", 1),
  { fact: "since attempt", operator: "greaterThanInclusive", value: 4 }]);
rule("wait_retry", [is("elapsed", true), open, is("attempt count", 1),
  { fact: "since attempt", operator: "lessThan", value: 4 }]);
rule("move_on", [{ fact: "attempt count", operator: "greaterThanInclusive", value: 2 },
  { fact: "since attempt", operator: "greaterThan", value: 5 }, open]);
rule("tell_company", [any("untold"), open], "untold");
rule("ask_deadline", [any("without deadline")], "without deadline");
rule("thank_rejection", [some("rejection count"), is("thanked_rejection count", 0)]);
rule("ask_feedback", [some("rejection count"), is("asked_feedback count", 0)]);
rule("keep_searching", [is("signed count", 0)]);

async function judge(line) {
  const { results, almanac } = await engine.run({ facts: JSON.parse(line) });
  const said = [];
  for (const { event: { type, params: { each } } } of results) {
    const last = TODAY - await almanac.factValue("since attempt");
    if (type === "second_contact") said.push([type, null, null, last + 4, last + 5, null]);
    else if (type === "wait_retry") said.push([type, null, null, null, null, last + 4]);
    else if (each === null) said.push([type, null, null, null, null, null]);
    else for (const fact of await almanac.factValue(each)) {
      if (type === "thank") said.push([type, fact.person, fact.iv, null, fact.day + 1, null]);
      else if (type === "wait_promise") said.push([type, null, null, null, null, fact.by]);
      else said.push([type, null, fact.company, null, null, null]);
    }
  }
  return JSON.stringify({ said, because: results.map((result) => result.toJSON(false)) });
}

const lines = [];
for await (const line of createInterface({ input: process.stdin })) {
  if (line !== "measure") { lines.push(line); console.log(await judge(line)); continue; }
  const before = process.cpuUsage();
  for (const each of lines) await judge(each);
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify((user + system) / lines.length));
}
