"""The service under load and with callers who mean it no good: it answers as documented, and goes on."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from browser_looks import looked_at
from followcue.authoring.reload import ReloadingPack
from followcue.doors.http import Service, create_app
from followcue.doors.http.app import SERVED
from followcue.doors.http.decision_log import DecisionLog
from followcue.doors.http.guard import Callers
from followcue.doors.http.listen import PatientProtocol, listening
from followcue.doors.http.openapi import openapi
from followcue.evaluation.pipeline import LoadedPack, load_pack
from followcue.language.documents.read import read_file
from served import Answer, Client, served

ROOT = Path(__file__).parents[1]
LARGER = read_file(ROOT / "examples/first-interview.yaml").data
EXAMPLE = (ROOT / "examples/first-interview.yaml").read_bytes()
YAML = {"Content-Type": "application/yaml"}
JSON = {"Content-Type": "application/json"}
LINES = {"Content-Type": "application/x-ndjson"}
SMALL = {"applications": {"a": {"company": "A", "events": [{"date": "2026-11-20", "event": "applied"}]}}}
ASKED = {"situation": SMALL, "as_of": "2026-11-21"}
LONG = ("why-not", "plan", "days")


@cache
def shipped() -> LoadedPack:
    return load_pack()


# --- every status that the document names
Ask = Callable[[Client, str], Answer]


def _posted(body: dict[str, Any], **headers: str) -> Ask:
    def ask(client: Client, path: str) -> Answer:
        whole = body | ({"action": "move_on"} if path.endswith("/why-not") else {})
        kind = "application/x-ndjson" if path.endswith("/batch") else "application/json"
        return client.post(path, whole, **{"Content-Type": kind, **headers})

    return ask


def _unfinished(client: Client, path: str) -> Answer:
    with socket.create_connection(("127.0.0.1", client.port)) as caller:
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        caller.sendall(f"{head}Content-Length: 9\r\n\r\n{{".encode())
        answer = caller.makefile("rb").read()
    head_of_answer, _, body = answer.partition(b"\r\n\r\n")
    return Answer(int(head_of_answer.split()[1]), {}, body)


TOKENS = Service(access=Callers(tokens={"one": "a-token-of-sixteen"}))
POSTS: dict[str, tuple[Service, Ask]] = {
    "200": (Service(), _posted(ASKED)),
    "400": (Service(), _posted(ASKED | {"asof": 1})),
    "401": (TOKENS, _posted(ASKED)),
    "403": (Service(), _posted(ASKED, Origin="https://evil.example")),
    "408": (Service(patience=0.1), _unfinished),
    "413": (Service(limits=SERVED._replace(size=20)), _posted(ASKED)),
    "415": (Service(), _posted(ASKED, **{"Content-Type": "text/plain"})),
    "421": (Service(), _posted(ASKED, Host="evil.example")),
    "422": (Service(), _posted({"situation": {"x": 1}})),
    "429": (Service(most_at_once=0), _posted(ASKED)),
    "503": (Service(), _posted({"situation": LARGER, "limits": {"steps": 3}})),
}


def _got(**headers: str) -> Ask:
    def ask(client: Client, path: str) -> Answer:
        if "If-None-Match" in headers:
            headers["If-None-Match"] = client.get(path).headers["etag"]
        return client.get(path, **headers)

    return ask


GETS: dict[str, tuple[Service, Ask]] = {
    "200": (Service(), _got()),
    "304": (Service(), _got(**{"If-None-Match": ""})),
    "401": (TOKENS, _got()),
    "403": (Service(), _got(Origin="null")),
    "404": (Service(), lambda client, path: client.get("/v1/rules/nothing-like-it")),
    "421": (Service(), _got(Host="evil.example")),
    "429": (Service(most_at_once=0), _got()),
}


def _documented() -> Iterator[tuple[str, str, str]]:
    for path, methods in openapi(shipped().pack.vocabulary)["paths"].items():
        for method, operation in methods.items():
            for status in operation["responses"]:
                # Of the questions that go to another process one shows what is so for all.
                if status != "503" or path not in ("/v1/plan", "/v1/days"):
                    yield method, path, status


@pytest.mark.slow
def test_every_documented_status_is_answered() -> None:
    """And with what the document says of it: one service for each status, asked at all paths that name it."""
    asked: dict[tuple[str, str], list[str]] = {}
    for method, path, status in _documented():
        asked.setdefault((method, status), []).append(path)
    rule = next(iter(shipped().pack.rules))
    for (method, status), paths in asked.items():
        full = DecisionLog("/dev/full") if (method, status) == ("get", "503") else None
        service, ask = (Service(log=full), _got()) if full else (POSTS if method == "post" else GETS)[status]
        with served(shipped(), service) as client:
            if full:
                client.post("/v1/evaluate", ASKED)  # which finds that nothing can be written down
            for path in paths:
                answer = ask(client, path.replace("{id}", rule))
                assert (path, answer.status) == (path, int(status))
                if int(status) >= 400 and not full:
                    assert answer.data["diagnostics"]


# --- what is sent to do harm
def _hostile(chosen: random.Random) -> bytes:
    """A body that was right, changed in some ways; or one that never was."""
    right = json.dumps(ASKED).encode() if chosen.random() < 0.5 else EXAMPLE
    deep = chosen.choice([50, 1000, 60_000])
    match chosen.randrange(10):
        case 0:
            return right[: chosen.randrange(len(right))]
        case 1:
            return chosen.randbytes(chosen.randrange(2000))
        case 2:
            return b'{"situation":' + b"[" * deep + b"]" * chosen.randrange(deep) + b"}"
        case 3:
            return b'{"situation":' + b'{"a":' * deep + b"1" + b"}" * deep
        case 4:
            return b"a: &a [x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\napplications: *c\n"
        case 5:
            number = chosen.choice([b"9" * 5000, b"-1e999", b"NaN", b"Infinity", b"1e-999", b"0x1", b"1_0"])
            return b'{"situation": {"params": {"max_attempts": ' + number + b'}, "applications": {}}}'
        case 6:
            word = chosen.choice(
                ["\x00", "\u202e", "\ud800", "\U0001f600" * 500, "\ufeff", "!!python/name:os"]
            )
            return right.replace(b"company", word.encode(errors="surrogatepass"), 1)
        case 7:
            return right.replace(b"2026", str(chosen.choice([0, 1, 9999, 10000, -5])).encode())
        case 8:
            many = ", ".join(f'"a{n}": {{"company": "A"}}' for n in range(chosen.choice([10, 3000])))
            return f'{{"situation": {{"applications": {{{many}}}}}}}'.encode()
        case _:
            changed = bytearray(right)
            for _ in range(chosen.randrange(1, 12)):
                changed[chosen.randrange(len(changed))] = chosen.randrange(256)
            return bytes(changed)


@pytest.mark.slow
def test_a_thousand_hostile_bodies_get_a_documented_answer() -> None:
    chosen = random.Random(18)
    operations = openapi(shipped().pack.vocabulary)["paths"]
    counts: dict[int, int] = {}
    with served(shipped(), Service(limits=SERVED._replace(seconds=0))) as client:
        before = client.post("/v1/evaluate", ASKED).data
        for _ in range(1000):
            path = chosen.choice(["/v1/evaluate"] * 6 + ["/v1/why", "/v1/days", "/v1/plan", "/v1/why-not"])
            answer = client.ask("POST", path, _hostile(chosen), chosen.choice([YAML, JSON]))
            counts[answer.status] = counts.get(answer.status, 0) + 1
            assert str(answer.status) in operations[path]["post"]["responses"]
            assert answer.status == 200 or answer.data["diagnostics"]
        assert client.post("/v1/evaluate", ASKED).data == before
    assert counts[422] > 400
    assert counts[200] > 20  # some changes leave it right
    assert not counts.keys() - {200, 400, 422, 503}


# --- slow and many
@contextmanager
def patient(patience: float, service: Service) -> Iterator[Client]:
    """A service as the command runs it, which waits for that many seconds."""

    class Patient(PatientProtocol):
        pass

    Patient.patience = patience
    with listening("127.0.0.1", 0) as address:
        app = create_app(shipped(), service._replace(patience=patience))
        config = uvicorn.Config(app, http=Patient, log_level="critical", limit_concurrency=200)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [address]})
        thread.start()
        try:
            yield Client(address.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()


def _hangs_up(caller: socket.socket, seconds: float = 20) -> bool:
    caller.settimeout(seconds)
    with suppress(ConnectionError):
        while caller.recv(4096):
            pass
    return True


@pytest.mark.slow
def test_slow_callers_keep_nobody_waiting_and_are_hung_up_on() -> None:
    head = b"POST /v1/evaluate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with patient(2, Service(most_at_once=4)) as client:
        callers = [socket.create_connection(("127.0.0.1", client.port)) for _ in range(60)]
        for number, caller in enumerate(callers):
            caller.sendall([b"", head[:30], head + b"Content-Length: 99\r\n\r\n{"][number % 3])
        for _ in range(5):
            assert client.post("/v1/evaluate", ASKED).status == 200
        assert all(_hangs_up(caller) for caller in callers)
        for caller in callers:
            caller.close()
        assert client.get("/health").status == 200


def _drips(caller: socket.socket) -> float:
    """Send a byte now and then until nobody takes it; the seconds that it took."""
    began = time.monotonic()
    with suppress(OSError):
        while time.monotonic() < began + 30:
            caller.sendall(b"y")
            time.sleep(0.1)
    return time.monotonic() - began


@pytest.mark.slow
def test_who_drips_is_hung_up_on() -> None:
    with patient(1, Service()) as client:
        for sent in (
            b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: ",
            b"POST /v1/batch HTTP/1.1\r\nHost: x",
        ):
            caller = socket.create_connection(("127.0.0.1", client.port))
            caller.sendall(sent)
            assert _drips(caller) < 20
            caller.close()


@pytest.mark.slow
def test_a_flood_of_connections_is_outlived() -> None:
    with patient(2, Service(most_at_once=8)) as client:
        flood = [socket.create_connection(("127.0.0.1", client.port)) for _ in range(400)]
        statuses = set()
        with suppress(ConnectionError):
            statuses.add(Client(client.port).get("/health").status)
        assert statuses <= {200, 503}
        assert all(_hangs_up(caller) for caller in flood)
        for caller in flood:
            caller.close()
        assert Client(client.port).post("/v1/evaluate", ASKED).status == 200


@pytest.mark.slow
def test_an_answer_is_sent_at_once() -> None:
    """And not when the caller has confirmed its beginning, which takes 40 ms on a connection that is kept."""
    with served(shipped()) as client:
        taken = []
        for _ in range(30):
            began = time.perf_counter()
            client.get("/health")
            taken.append(time.perf_counter() - began)
    assert sorted(taken)[5] < 0.03


# --- pages of others
@pytest.mark.programs
def test_a_page_whose_name_leads_here_reads_nothing() -> None:
    """DNS rebinding, in a real browser: the address that the page came from now leads to the service."""
    with served(shipped()) as client:
        question = {"method": "POST", "headers": JSON, "body": json.dumps(ASKED)}
        rebound = f"http://evil.example:{client.port}"
        own = f"http://localhost:{client.port}"
        other = [
            [f"{own}/v1/evaluate", question],
            [f"{own}/v1/rules", {}],
            [f"{own}/health", {"mode": "no-cors"}],
        ]
        looks: list[dict[str, Any]] = [
            {
                "do": "rebind",
                "page": f"{rebound}/page",
                "asked": [["/v1/evaluate", question], ["/v1/rules", {}], ["/health", {}], *other],
            },
            {"do": "rebind", "page": f"{own}/page", "asked": [["/v1/evaluate", question], ["/health", {}]]},
        ]
        # Without what newer browsers do against it themselves: the service has to hold in any.
        flags = (
            "--host-resolver-rules=MAP evil.example 127.0.0.1",
            "--disable-features=LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests",
        )
        evil, friend = (look["read"] for look in looked_at(looks, *flags))
    assert [status for status, _ in evil[:3]] == [421, 421, 421]
    assert all("FC915" in text for _, text in evil[:3])
    # What it sends to the service's own name it cannot read; what it cannot read is empty.
    assert [status for status, _ in evil[3:]] == [0, 0, 0]
    assert not [text for _, text in evil if "actions" in text or "rules" in text]
    assert [status for status, _ in friend] == [200, 200]
    assert json.loads(friend[0][1])["actions"]


# --- processes that are ended, rules that change
@contextmanager
def running(*words: str) -> Iterator[tuple[subprocess.Popen[str], Client]]:
    """The command, listening on a port of its own."""
    whole = [sys.executable, str(ROOT / "cli.py"), "serve", "--port", "0", *words]
    env = os.environ | {"PYTHONPATH": str(ROOT / "engine")}
    process = subprocess.Popen(whole, stderr=subprocess.PIPE, text=True, env=env)
    try:
        assert process.stderr is not None
        yield process, Client(int(process.stderr.readline().split()[-1].rpartition(":")[2]))
    finally:
        process.kill()
        process.wait()


def _load(
    port: int,
    ended: threading.Event,
    each: Callable[[Answer], object],
    body: bytes = EXAMPLE,
    kind: dict[str, str] = YAML,
) -> list[threading.Thread]:
    def asking() -> None:
        client = Client(port)
        while not ended.is_set():
            try:
                answer = client.ask("POST", "/v1/evaluate", body, kind)
            except OSError:
                return
            except Exception:
                if ended.is_set():
                    return
                raise
            each(answer)

    threads = [threading.Thread(target=asking) for _ in range(4)]
    for thread in threads:
        thread.start()
    return threads


@pytest.mark.slow
def test_a_kill_under_load_loses_no_decision_that_was_given(tmp_path: Path) -> None:
    log = tmp_path / "decisions.jsonl"
    given: list[str] = []
    for _ in range(2):  # the second time on the log of the first
        ended = threading.Event()
        begun = len(given)
        with running("--log", str(log)) as (process, client):
            threads = _load(client.port, ended, lambda answer: given.append(answer.headers["decision-id"]))
            deadline = time.monotonic() + 60
            while len(given) < begun + 40 and time.monotonic() < deadline:
                time.sleep(0.05)
            ended.set()
            process.send_signal(signal.SIGKILL)
            for thread in threads:
                thread.join()
    written = [json.loads(line)["decision"] for line in log.read_text("utf-8").splitlines()]
    assert len(given) >= 80
    assert set(given) <= set(written)
    assert len(written) == len(set(written))


@pytest.mark.slow
def test_a_process_for_long_questions_that_is_killed_is_replaced() -> None:
    with running("--workers", "1") as (process, client):
        question = {**ASKED, "days": 5}
        right = client.post("/v1/days", question)
        assert right.status == 200
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        for child in map(int, children):
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        statuses = []
        for _ in range(20):
            answer = client.post("/v1/days", question)
            statuses.append(answer.status)
            if answer.status == 200:
                break
            assert answer.codes == ["FC919"]
        assert answer.data == right.data
        assert statuses[:-1] == [503] * (len(statuses) - 1)


@pytest.mark.slow
def test_rules_that_change_under_load_are_whole_in_every_answer(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(ROOT / "examples/packs/invoice-reminders", folder)
    extra = folder / "extra.yaml"
    extra.write_text("rules: {}\n")
    reloading = ReloadingPack(folder, tests=False, checks=False)
    body = json.dumps({"situation": {"invoices": {}, "as_of": "2026-11-21"}}).encode()
    answers: list[Answer] = []
    versions = {reloading.pack.pack.version}
    title = (rules := next(folder.glob("reminders.yaml"))).read_text()
    with served(reloading) as client:
        ended = threading.Event()
        threads = _load(client.port, ended, answers.append, body, JSON)
        for turn in range(9):
            rules.write_text(title + ("\n# " + "x" * turn if turn % 3 else "\nbroken: ["))
            extra.write_text(f"rules: {{}}\n# {turn}")
            reloading.reload_if_changed()
            versions.add(reloading.pack.pack.version)
            seen = len(answers)
            deadline = time.monotonic() + 30
            while len(answers) < seen + 5 and time.monotonic() < deadline:
                time.sleep(0.02)
        ended.set()
        for thread in threads:
            thread.join()
    assert {answer.status for answer in answers} == {200}
    assert len({answer.data["rules_version"] for answer in answers}) >= 3
    assert {answer.data["rules_version"] for answer in answers} <= versions


@pytest.mark.slow
def test_memory_stays_flat() -> None:
    def held(pid: int) -> int:
        status = Path(f"/proc/{pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])

    if not Path("/proc/self/status").exists():
        pytest.skip("this system does not tell what a process holds")
    with running() as (process, client):
        for _ in range(500):
            client.ask("POST", "/v1/evaluate", EXAMPLE, YAML)
        before = held(process.pid)
        for _ in range(2000):
            client.ask("POST", "/v1/evaluate", EXAMPLE, YAML)
            client.ask("POST", "/v1/evaluate", EXAMPLE[:200], YAML)
        assert held(process.pid) < before + 3_000
