"""The service: the answers of the engine over HTTP, and what it does with what it should not answer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import followcue
from followcue.authoring.reload import ReloadingPack
from followcue.base.limits import USUAL
from followcue.doors.http import Service
from followcue.doors.http.app import SERVED
from followcue.doors.http.decision_log import DecisionLog
from followcue.doors.http.guard import Callers
from followcue.doors.http.openapi import openapi
from followcue.evaluation.pipeline import LoadedPack, Options, evaluate, load_pack
from followcue.evaluation.report import provenance
from followcue.language.documents.document import Document
from followcue.language.documents.read import read_file
from followcue.synthesis.sampling.situations import situations
from served import Client, placeless, served

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
SMALL = {"applications": {"a": {"company": "A", "events": [{"date": "2026-11-20", "event": "applied"}]}}}
AS_OF = "2026-11-21"
JSON = {"Content-Type": "application/json"}


@cache
def shipped() -> LoadedPack:
    return load_pack()


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with served(shipped()) as client:
        yield client


def asked(situation: object = SMALL, **options: object) -> dict[str, object]:
    return {"situation": situation, "as_of": AS_OF, **options}


# --- right answers
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_gets_its_report(client: Client, example: Path) -> None:
    document = read_file(example)
    expected = evaluate(shipped(), document).to_dict()
    found = client.post("/v1/evaluate", {"situation": document.data}).data
    assert placeless(found) == placeless(followcue.evaluate(json.dumps(document.data), shipped()).to_dict())
    yaml = client.ask("POST", "/v1/evaluate", example.read_bytes(), {"Content-Type": "application/yaml"})
    assert placeless(yaml.data) == placeless(expected)


@pytest.mark.parametrize("count", [pytest.param(20), pytest.param(500, marks=pytest.mark.slow)])
def test_made_up_situations_get_their_reports(client: Client, count: int) -> None:
    for data in islice(situations(shipped(), 4), count):
        expected = followcue.evaluate(json.dumps(data), shipped(), as_of=date(2026, 11, 21)).to_dict()
        found = client.post("/v1/evaluate", asked(data))
        assert (found.status, placeless(found.data)) == (200, placeless(expected))


def test_options_are_those_of_the_command_line(client: Client) -> None:
    document = read_file(EXAMPLES[0])
    body = {
        "situation": document.data,
        "as_of": "2026-12-01",
        "profile": "patient",
        "params": {"max_attempts": 3},
        "missed": True,
    }
    options = Options(date(2026, 12, 1), "patient", {"max_attempts": 3}, missed=True)
    assert placeless(client.post("/v1/evaluate", body).data) == placeless(
        evaluate(shipped(), document, options).to_dict()
    )


def test_other_questions(client: Client) -> None:
    situation = read_file(ROOT / "examples/first-interview.yaml").data
    text = json.dumps(situation)
    report = client.post("/v1/evaluate", {"situation": situation}).data
    action = report["actions"][0]
    why = client.post("/v1/why", {"situation": situation, "action": action["action"]}).data
    assert placeless(why) == placeless(followcue.why(text, action["action"]).to_dict())
    not_there = client.post("/v1/why-not", {"situation": situation, "action": "move_on"}).data
    assert placeless(not_there) == placeless(followcue.why_not(text, "move_on").to_dict())
    plan = client.post("/v1/plan", {"situation": situation, "days": 20}).data
    assert placeless(plan) == placeless(followcue.plan(text, days=20).to_dict())
    days = client.post("/v1/days", {"situation": situation, "days": 20}).data
    assert days["days"][0]["report"] == report
    assert [one["from"] for one in days["days"]] == sorted({one["from"] for one in days["days"]})
    for one in days["days"]:
        day = {"situation": situation, "as_of": one["from"]}
        assert client.post("/v1/evaluate", day).data == one["report"]


def test_lines_are_answered_in_their_order_and_fail_alone(client: Client) -> None:
    lines = [json.dumps(asked()), "{", "", json.dumps(asked({"applications": 3})), json.dumps(asked())]
    body = "\n".join([*lines, "x" * (SERVED.size + 5)]).encode()
    answer = client.ask("POST", "/v1/batch", body, {"Content-Type": "application/x-ndjson"})
    found = [json.loads(line) for line in answer.body.splitlines()]
    assert [one["line"] for one in found] == [1, 2, 4, 5, 6]
    assert ["report" in one for one in found] == [True, False, False, True, False]
    assert found[0]["report"] == found[3]["report"] == client.post("/v1/evaluate", asked()).data
    assert found[4]["diagnostics"][0]["code"] == "FC913"


# --- what is served
def test_the_rules_are_shown(client: Client) -> None:
    rules = client.get("/v1/rules").data
    assert {rule["id"] for rule in rules["rules"]} == set(shipped().pack.rules)
    one = client.get(f"/v1/rules/{rules['rules'][0]['id']}").data
    assert one["sentence"]
    assert client.get("/v1/rules/nothing-like-it").status == 404
    assert client.get("/v1/nothing").codes == ["FC911"]
    assert client.get("/v1/evaluate").status == 405
    etag = client.get("/v1/rules").headers["etag"]
    assert client.get("/v1/rules", **{"If-None-Match": etag}).status == 304


def test_the_document_says_what_is_answered(client: Client) -> None:
    document = client.get("/openapi.json").data
    assert document == openapi(shipped().pack.vocabulary)
    schemas = document["components"]["schemas"]
    for name in schemas:
        whole = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
        Draft202012Validator.check_schema(whole)
    report = {"$ref": "#/components/schemas/report", "components": document["components"]}
    Draft202012Validator(report).validate(client.post("/v1/evaluate", asked()).data)
    situation = {"$ref": "#/components/schemas/situation", "components": document["components"]}
    Draft202012Validator(situation).validate(SMALL)
    mistakes = {"$ref": "#/components/schemas/mistakes", "components": document["components"]}
    Draft202012Validator(mistakes).validate(client.post("/v1/evaluate", {}).data)
    refs = set(_refs(document))
    assert {ref.removeprefix("#/components/schemas/") for ref in refs} <= set(schemas)


def _refs(data: object) -> Iterator[str]:
    if isinstance(data, dict):
        if isinstance(data.get("$ref"), str):
            yield data["$ref"]
        for value in data.values():
            yield from _refs(value)
    elif isinstance(data, list):
        for item in data:
            yield from _refs(item)


def test_what_is_counted(client: Client) -> None:
    client.post("/v1/evaluate", asked())
    client.post("/v1/evaluate", {"situation": {"x": 1}})
    text = client.get("/metrics").body.decode()
    assert 'followcue_requests_total{path="/v1/evaluate",status="200"}' in text
    assert 'followcue_refusals_total{code="FC5' in text
    assert f'followcue_rules{{version="{shipped().pack.version}"}} 1.0' in text


# --- what is refused
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "FC1"),
        (b"{", 422, "FC1"),
        (b"[]", 400, "FC910"),
        (b"{}", 400, "FC910"),
        (b'{"situation": {}, "asof": 1}', 400, "FC910"),
        (b'{"situation": {}, "as_of": "x"}', 400, "FC910"),
        (b'{"situation": {}, "limits": {"steps": 1e9}}', 400, "FC910"),
        (b'{"situation": {}, "limits": {"steps": 600000}}', 400, "FC910"),
        (b'{"situation": {}, "limits": {"other": 6}}', 400, "FC910"),
        (b'{"situation": {}, "missed": 1}', 400, "FC910"),
        (b'{"situation": [], "as_of": "2026-01-01"}', 422, "FC"),
        (b'{"situation": {"applications": {"a": {"compny": "A"}}}}', 422, "FC50"),
        (b'{"situation": ' + b"[" * 5000 + b"]" * 5000 + b"}", 422, "FC106"),
        (b'{"situation": {}, "situation": {}}', 422, "FC1"),
        (b"\xff\xfe", 422, "FC1"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_bad_body_is_told_with_its_place(client: Client, body: bytes, status: int, code: str) -> None:
    answer = client.post("/v1/evaluate", body)
    assert answer.status == status
    assert answer.codes[0].startswith(code)
    assert {"code", "message", "path", "line", "column", "hint"} == set(answer.data["diagnostics"][0])


def test_a_place_is_one_of_the_body(client: Client) -> None:
    body = b'{"as_of": "2026-11-21",\n "situation": {\n  "applications": {"a": {"compny": "A"}}}}'
    (found,) = client.post("/v1/evaluate", body).data["diagnostics"]
    assert (found["path"], found["line"], found["hint"]) == (
        "applications.a.compny",
        3,
        "did you mean `company`?",
    )


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Host": "evil.example"}, 421, "FC915"),
        ({"Host": ""}, 421, "FC915"),
        ({"Origin": "https://evil.example"}, 403, "FC912"),
        ({"Origin": "null"}, 403, "FC912"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415, "FC917"),
        ({"Content-Type": "text/plain"}, 415, "FC917"),
        ({"Content-Type": ""}, 415, "FC917"),
        ({"Content-Length": str(SERVED.size + 1)}, 413, "FC913"),
    ],
    ids=str,
)
def test_who_may_not_ask_is_told(headers: dict[str, str], status: int, code: str) -> None:
    with served(shipped()) as client:
        answer = client.ask("POST", "/v1/evaluate", b"{}", {"Content-Type": "application/json", **headers})
        assert (answer.status, answer.codes) == (status, [code])
        assert Client(client.port).get("/health").status == 200


def test_a_body_that_grows_is_cut_off() -> None:
    service = Service(limits=SERVED._replace(size=1000))
    with served(shipped(), service) as client:
        answer = client.ask("POST", "/v1/evaluate", iter([b"x" * 600, b"x" * 600]), JSON)  # type: ignore[arg-type]
        assert (answer.status, answer.codes) == (413, ["FC913"])


def test_a_token_is_asked_for() -> None:
    access = Callers(tokens={"tracker": "a-token-of-sixteen"})
    with served(shipped(), Service(access=access)) as client:
        assert client.post("/v1/evaluate", asked()).codes == ["FC914"]
        assert client.post("/v1/evaluate", asked()).headers["www-authenticate"] == "Bearer"
        assert client.post("/v1/evaluate", asked(), Authorization="Bearer wrong").status == 401
        assert client.post("/v1/evaluate", asked(), Authorization="Bearer a-token-of-sixteen").status == 200
        assert client.get("/metrics").status == 401
        assert client.get("/health").status == 200


def test_an_origin_may_be_allowed() -> None:
    with served(shipped(), Service(access=Callers(origins=("https://app.example",)))) as client:
        answer = client.post("/v1/evaluate", asked(), Origin="https://app.example")
        assert answer.headers["access-control-allow-origin"] == "https://app.example"
        preflight = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
        assert client.ask("OPTIONS", "/v1/evaluate", headers=preflight).status == 204
        assert client.post("/v1/evaluate", asked(), Origin="https://other.example").status == 403


def test_a_limit_is_told_by_its_name(client: Client) -> None:
    answer = client.post("/v1/evaluate", asked(read_file(EXAMPLES[0]).data, limits={"steps": 3}))
    assert (answer.status, answer.codes) == (503, ["FC901"])
    assert "steps" in answer.data["diagnostics"][0]["message"]


# --- rules that change
def test_rules_are_swapped_whole_or_not(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("rules: {}\n")
    refused: list[str | None] = [None]

    def told(outcome: Any) -> None:
        refused[0] = None if outcome.taken else str(outcome)

    reloading = ReloadingPack(tmp_path, tests=False, on_reload=told)
    with served(reloading, Service(refused_reload=lambda: refused[0])) as client:
        first = client.get("/ready").data
        rules.write_text("rules: {broken: {when: [nothing_such]}}\n")
        reloading.reload_if_changed()
        ready = client.get("/ready").data
        assert ready["rules_version"] == first["rules_version"]
        assert "nothing_such" in ready["refused_reload"]
        assert client.post("/v1/evaluate", asked()).status == 200
        rules.write_text("disable: [no-such-rule]\n")
        outcome = reloading.reload_if_changed()
        assert outcome is not None
        ready = client.get("/ready").data
        assert (ready["rules_version"] != first["rules_version"]) == outcome.taken


# --- the log
@pytest.mark.slow
def test_every_decision_is_made_again(tmp_path: Path) -> None:
    log = tmp_path / "decisions.jsonl"
    with served(shipped(), Service(log=DecisionLog(str(log), situations=True))) as client:
        names = [
            client.post("/v1/evaluate", asked(read_file(path).data)).headers["decision-id"]
            for path in EXAMPLES[:3]
        ]
        client.post("/v1/evaluate", {"situation": 1})
        batch = client.ask(
            "POST", "/v1/batch", json.dumps(asked()).encode(), {"Content-Type": "application/x-ndjson"}
        )
        names.append(json.loads(batch.body)["decision"])
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["decision"] for line in lines] == names
    assert os.stat(log).st_mode & 0o077 == 0
    for name in names:
        result = run("replay", str(log), "--id", name)
        assert (result.returncode, result.stdout) == (0, "the same, byte for byte\n")
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "rules.yaml").write_text("disable: [keep-searching]\n")
    changed = run("replay", str(log), "--id", names[0], "--rules", str(folder))
    if changed.returncode != 3:
        assert changed.returncode == 1
        assert "rules: version" in changed.stdout
    missing = run("replay", str(log), "--id", "none")
    assert (missing.returncode, "FC623" in missing.stderr) == (3, True)


@pytest.mark.parametrize("value", [2, 1e-7, 2**70, "10:30.5", "\x1f\x7f\u2028é\U0001f600", "\ud800", None])
def test_the_hash_of_a_report_is_the_same_by_either_writer(
    value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("orjson")
    for path in EXAMPLES:
        report = evaluate(shipped(), read_file(path)).to_dict()
        report["parameters"] = {**report["parameters"], "made_up": value, "é": 1, "a": True}
        quick = provenance.decided_sha256(report)
        with monkeypatch.context() as patched:
            patched.setattr(provenance, "orjson", lambda: None)
            assert provenance.decided_sha256(report) == quick


def test_a_log_without_situations_holds_none(tmp_path: Path) -> None:
    log = tmp_path / "decisions.jsonl"
    with served(shipped(), Service(log=DecisionLog(str(log)))) as client:
        name = client.post("/v1/evaluate", asked()).headers["decision-id"]
    assert "company" not in log.read_text()
    refused = run("replay", str(log), "--id", name)
    assert (refused.returncode, "FC621" in refused.stderr) == (3, True)
    situation = tmp_path / "situation.json"
    situation.write_text(json.dumps(SMALL))
    assert run("replay", str(log), "--id", name, "--situation", str(situation)).returncode == 0


def test_a_decision_that_cannot_be_written_down_is_not_given(tmp_path: Path) -> None:
    log = DecisionLog("/dev/full")
    with served(shipped(), Service(log=log)) as client:
        answer = client.post("/v1/evaluate", asked())
        assert (answer.status, answer.codes) == (503, ["FC918"])
        assert client.get("/ready").status == 503
        assert client.get("/health").status == 200
        assert client.post("/v1/why", asked()).status == 200


def test_a_log_is_set_aside_at_its_size(tmp_path: Path) -> None:
    path = tmp_path / "decisions.jsonl"
    log = DecisionLog(str(path), most_bytes=1500)
    with served(shipped(), Service(log=log)) as client:
        names = [client.post("/v1/evaluate", asked()).headers["decision-id"] for _ in range(5)]
    files = [tmp_path / "decisions.jsonl.1", path]
    older = sorted(tmp_path.glob("decisions.jsonl.*"), reverse=True)
    lines = [json.loads(line) for file in (*older, path) for line in file.read_text().splitlines()]
    assert [line["decision"] for line in lines] == names
    assert all(file.exists() for file in files)


# --- the command
def run(*words: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"PYTHONPATH": str(ROOT / "engine")}
    return subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *words], capture_output=True, text=True, env=env, check=False
    )


@pytest.mark.slow
def test_the_command_listens_answers_and_ends(tmp_path: Path) -> None:
    log = tmp_path / "decisions.jsonl"
    words = [sys.executable, str(ROOT / "cli.py"), "serve", "--port", "0", "--log", str(log)]
    process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        address = process.stderr.readline().split()[-1]
        client = Client(int(address.rpartition(":")[2]))
        expected = evaluate(shipped(), Document.of(SMALL), Options(date(2026, 11, 21))).to_dict()
        assert placeless(client.post("/v1/evaluate", asked()).data) == placeless(expected)
        assert client.post("/v1/why-not", asked(action="move_on")).status == 200
        assert client.post("/v1/evaluate", asked(limits={"seconds": 1.5})).status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) in (0, -signal.SIGTERM)
    finally:
        process.kill()
        process.wait()
    assert len(log.read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--host", "0.0.0.0"], "--token-file"),
        (["--log-situations"], "--log FILE"),
        (["--token-file", "/nowhere"], "no such file"),
        (["--limit", "stps=3"], "there is no limit"),
        (["--log", "/nowhere/log"], "no such file"),
    ],
    ids=str,
)
def test_wrong_usage_is_told(words: list[str], told: str) -> None:
    result = run("serve", *words)
    assert result.returncode == 2
    assert told in result.stderr.lower() or told in result.stderr


def test_the_usual_limits_of_a_service_are_no_higher() -> None:
    assert all(mine <= usual or usual == 0 for mine, usual in zip(SERVED, USUAL, strict=True))
