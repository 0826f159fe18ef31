"""zen-engine: a decision graph, of expressions that look at the events and a table that decides."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import zen
from generator import TODAY, Facts

from peers import Answer, Judge, grown_rule, one_by_one

KINDS = (
    "interviewed", "thanked", "promised", "attempt", "offer", "told",
    "rejection", "thanked_rejection", "asked_feedback", "signed",
)  # fmt: skip
LOOKS = {
    "closed": "len(rejection) > 0 or len(signed) > 0",
    "attempts": "len(attempt)",
    "last": "len(attempt) > 0 ? max(map(attempt, #.day)) : 0",
    "elapsed": "some(promised, #.by < today) or (len(promised) == 0 and len(interviewed) > 0 "
    "and max(map(interviewed, #.day)) + 7 < today)",
    "thank": "filter(interviewed as i, none(thanked as t, t.iv == i.iv and t.person == i.person))",
    "wait_promise": "closed_ ? [] : filter(promised, #.by >= today)",
    "tell_company": "closed_ ? [] : filter(offer as o, none(told as t, t.company == o.company))",
    "ask_deadline": "filter(offer, #.answer_by == null)",
}
COLUMNS = {
    "interviews": "len(interviewed)",
    "promises": "len(promised)",
    "closed": "closed",
    "elapsed": "elapsed",
    "attempts": "attempts",
    "last": "today - last",
    "rejections": "len(rejection)",
    "thanked": "len(thanked_rejection)",
    "asked": "len(asked_feedback)",
    "signed": "len(signed)",
}
TABLE: tuple[dict[str, str], ...] = (
    {"interviews": "> 0", "promises": "0", "closed": "false", "action": "'ask_timeline'"},
    {"elapsed": "true", "closed": "false", "attempts": "0", "action": "'call_recruiter'"},
    {
        "elapsed": "true", "closed": "false", "attempts": "1", "last": ">= 4",
        "action": "'second_contact'", "open": "last + 4", "due": "last + 5",
    },
    {
        "elapsed": "true", "closed": "false", "attempts": "1", "last": "< 4",
        "action": "'wait_retry'", "until": "last + 4",
    },
    {"closed": "false", "attempts": ">= 2", "last": "> 5", "action": "'move_on'"},
    {"rejections": "> 0", "thanked": "0", "action": "'thank_rejection'"},
    {"rejections": "> 0", "asked": "0", "action": "'ask_feedback'"},
    {"signed": "0", "action": "'keep_searching'"},
)  # fmt: skip
OUTPUTS = ("action", "open", "due", "until")


def graph(*nodes: dict[str, Any]) -> str:
    """A graph of nodes, one after the other."""
    whole = [
        {"id": "in", "name": "in", "type": "inputNode", "content": {}},
        *({"name": node["id"], **node} for node in nodes),
        {"id": "out", "name": "out", "type": "outputNode", "content": {}},
    ]
    edges = [
        {"id": f"edge{n}", "type": "edge", "sourceId": one["id"], "targetId": other["id"]}
        for n, (one, other) in enumerate(pairwise(whole))
    ]
    return json.dumps({"nodes": whole, "edges": edges})


def expressions(name: str, texts: dict[str, str]) -> dict[str, Any]:
    """A node of expressions, which gives on what it was given."""
    content = {
        "expressions": [{"id": key, "key": key, "value": text} for key, text in texts.items()],
        "passThrough": True,
        "executionMode": "single",
    }
    return {"id": name, "type": "expressionNode", "content": content}


def table(
    name: str, inputs: dict[str, str], outputs: tuple[str, ...], rows: tuple[dict[str, str], ...]
) -> dict[str, Any]:
    """A decision table, every row of which may hold."""
    content = {
        "hitPolicy": "collect",
        "inputs": [{"id": f"in_{key}", "name": key, "field": text} for key, text in inputs.items()],
        "outputs": [{"id": f"out_{key}", "name": key, "field": key} for key in outputs],
        "rules": [
            {
                "_id": f"row{number}",
                **{f"in_{key}": row.get(key, "") for key in inputs},
                **{f"out_{key}": row.get(key, "") for key in outputs},
            }
            for number, row in enumerate(rows)
        ],
        "passThrough": True,
        "outputPath": "said",
        "executionMode": "single",
    }
    return {"id": name, "type": "decisionTableNode", "content": content}


def made_ready() -> Any:
    """The graph, as the engine runs it."""
    looks = {key: text.replace("closed_", "$.closed") for key, text in LOOKS.items()}
    return zen.ZenEngine().create_decision(
        graph(expressions("looks", looks), table("decides", COLUMNS, OUTPUTS, TABLE))
    )


def answers(result: dict[str, Any]) -> set[Answer]:
    """What the graph gave, as answers."""
    found: set[Answer] = {
        (said["action"], None, None, said.get("open"), said.get("due"), said.get("until"))
        for said in result["said"]
    }
    found.update(("thank", i["person"], i["iv"], None, i["day"] + 1, None) for i in result["thank"])
    found.update(("wait_promise", None, None, None, None, p["by"]) for p in result["wait_promise"])
    for action in ("tell_company", "ask_deadline"):
        found.update((action, None, offer["company"], None, None, None) for offer in result[action])
    return found


def prepare() -> Judge:
    """The graph, made ready."""
    decision = made_ready()
    return one_by_one(lambda facts: answers(decision.evaluate(context(facts))["result"]))


def prepare_grown(rules: int, occurring: bool) -> Judge:
    """So many rows of a table that is asked for each event: see `growth.py`."""
    wanted = [grown_rule(i, occurring) for i in range(rules)]
    rows = tuple(
        {"kind": f"'{kind}'", "n": f">= {least}", "action": f"'action_{i}'", "due": "day + 3"}
        for i, (kind, least) in enumerate(wanted)
    )
    node = table("decides", {"kind": "kind", "n": "n"}, ("action", "due"), rows)
    node["content"] |= {"executionMode": "loop", "inputField": "events", "passThrough": False}
    decision = zen.ZenEngine().create_decision(graph(node))

    def judge(facts: Facts) -> set[Answer]:
        result = decision.evaluate({"events": facts})["result"]
        return {
            (row["action"], None, None, None, row["due"], None) for said in result["said"] for row in said
        }

    return one_by_one(judge)


def context(facts: Facts) -> dict[str, Any]:
    """The facts by their kinds, as the graph takes them."""
    context: dict[str, Any] = {"today": TODAY, **{kind: [] for kind in KINDS}}
    for fact in facts:
        if fact["kind"] in context:
            context[fact["kind"]].append(fact)
    return context
