"""The service under load, on this machine alone: how many requests a second, how long each, how much memory.

    python benchmarks/service.py                 some minutes
    python benchmarks/service.py --quick         to see that it works

The same clients ask in turns: an app of the bare framework that reads the body and sends as many bytes as a
report has; the service; the service with a log; and the service about situations that are all different, as
JSON, none twice in a round. Each server is a process of its own on the loopback. Then 300 requests a
second are sent at their times by four clients, and how long each took is counted from when it was due, so
that waiting for the one before is not left out. That is asked of the service, and of the bare framework
where it walks through as much memory for as long as the service thinks: what it takes then is the
machine's, whose pauses keep every program waiting. Last, the memory of the service is read after each
thousand requests. Everything is bounded in count and time.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT / "engine"), str(HERE)]

from measure import machine  # noqa: E402

from followcue.evaluation.pipeline import load_pack  # noqa: E402
from followcue.synthesis.sampling.situations import situations  # noqa: E402

SITUATION = (ROOT / "examples/first-interview.yaml").read_bytes()
CLIENTS = 4
BARE = """
import gc, sys, socket, time, uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

answer = b"x" * int(sys.argv[1])
walked = int(sys.argv[2])
held = {n: {"a": n} for n in range(60_000)} if walked else {}
gc.freeze()
turn = 0

async def evaluate(request):
    global turn
    await request.body()
    turn += 977
    sum(held[n % 60_000]["a"] for n in range(turn, turn + walked))
    return Response(answer, media_type="application/json")

app = Starlette(routes=[Route("/v1/evaluate", evaluate, methods=["POST"])])
found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
found.bind(("127.0.0.1", 0))
found.listen(2048)
print("on http://127.0.0.1:%d" % found.getsockname()[1], file=sys.stderr, flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[found])
"""


class Server:
    """A process that listens."""

    def __init__(self, command: list[str]) -> None:
        env = os.environ | {"PYTHONPATH": str(ROOT / "engine")}
        self.process = subprocess.Popen(
            [sys.executable, *command], stderr=subprocess.PIPE, text=True, env=env
        )
        assert self.process.stderr is not None
        self.port = int(self.process.stderr.readline().split()[-1].rpartition(":")[2])

    def seconds(self) -> float:
        """The processor time that it has used."""
        words = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def megabytes(self) -> float:
        """The memory that it holds."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024


@contextmanager
def servers(folder: str, size: int) -> Iterator[dict[str, Server]]:
    serve = [str(ROOT / "cli.py"), "serve", "--port", "0"]
    commands = {
        "the bare framework": ["-c", BARE, str(size), "0"],
        "the service": serve,
        "the service, with a log": [*serve, "--log", f"{folder}/decisions.jsonl"],
    }
    found = {name: Server(command) for name, command in commands.items()}
    try:
        yield found
    finally:
        for server in found.values():
            server.process.terminate()
            server.process.wait(20)


def busy_as_long(size: int, ms: float, bare: float) -> Server:
    """The bare framework, walking through memory until a request takes `ms`; `bare` are its own."""
    tried = 10_000
    trial = Server(["-c", BARE, str(size), str(tried)])
    at_once(trial.port, 100)
    used = trial.seconds()
    at_once(trial.port, 200)
    walk = (trial.seconds() - used) / 200 * 1000 - bare
    trial.process.terminate()
    trial.process.wait(20)
    return Server(["-c", BARE, str(size), str(int(tried * (ms - bare) / walk))])


def ask(connection: http.client.HTTPConnection, body: bytes = SITUATION) -> int:
    """Ask once, and give the size of the answer."""
    kind = "json" if body.startswith(b"{") else "yaml"
    connection.request("POST", "/v1/evaluate", body, {"Content-Type": f"application/{kind}"})
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, body
    return len(body)


def made_up(count: int) -> list[bytes]:
    """So many situations that are all different, each asked about as JSON, always the same ones."""
    found = islice(situations(load_pack(), 1), count)
    return [json.dumps({"situation": one, "as_of": "2026-11-21"}).encode() for one in found]


def at_once(port: int, requests: int, bodies: Sequence[bytes] = (SITUATION,)) -> list[float]:
    """What each of so many requests took, sent by the clients as fast as they are answered, in seconds."""
    taken: list[float] = []
    turns = iter(range(requests))  # a step of it is one of the interpreter: no two clients get the same

    def asking() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for turn in turns:
            began = time.perf_counter()
            ask(connection, bodies[turn % len(bodies)])
            taken.append(time.perf_counter() - began)

    _together(asking)
    return taken


def at_their_times(port: int, a_second: int, requests: int) -> list[float]:
    """What each took, counted from the moment at which it was due."""
    taken: list[float] = []
    begin = time.perf_counter() + 0.2
    turns = iter(range(requests))
    lock = threading.Lock()

    def asking() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while True:
            with lock:
                turn = next(turns, None)
            if turn is None:
                return
            due = begin + turn / a_second
            time.sleep(max(0.0, due - time.perf_counter()))
            ask(connection)
            taken.append(time.perf_counter() - due)

    _together(asking)
    return taken


def _together(work: object) -> None:
    threads = [threading.Thread(target=work) for _ in range(CLIENTS)]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few requests")
    parser.add_argument("--requests", type=int, default=20_000, help="for the memory")
    options = parser.parse_args()
    rounds, each, total = (2, 40, 400) if options.quick else (10, 200, options.requests)
    with tempfile.TemporaryDirectory() as folder:
        probe = Server([str(ROOT / "cli.py"), "serve", "--port", "0"])
        size = ask(http.client.HTTPConnection("127.0.0.1", probe.port))
        probe.process.terminate()
        probe.process.wait(20)
        with servers(folder, size) as found:
            where = ", ".join(map(str, machine().values()))
            load = os.getloadavg()[0]
            print(f"{where} cores; load {load:.1f}; {len(SITUATION)} bytes in, {size} out\n")
            different = made_up(each)
            sizes = [len(body) for body in different]
            print(f"{each} situations all different: {statistics.mean(sizes):.0f} bytes on average\n")
            turns = {name: (server, [SITUATION]) for name, server in found.items()}
            turns["the service, all different"] = (found["the service"], different)
            for server, bodies in turns.values():
                at_once(server.port, 40, bodies)
            cost: dict[str, list[float]] = {name: [] for name in turns}
            took: dict[str, list[float]] = {name: [] for name in turns}
            rate: dict[str, list[float]] = {name: [] for name in turns}
            for _ in range(rounds):
                for name, (server, bodies) in turns.items():
                    used, began = server.seconds(), time.perf_counter()
                    took[name] += at_once(server.port, each, bodies)
                    rate[name].append(each / (time.perf_counter() - began))
                    cost[name].append((server.seconds() - used) / each * 1000)
            bare = statistics.median(cost["the bare framework"])
            print(f"{CLIENTS} clients, each as fast as it is answered; processor time of the server")
            print(f"{'':28}{'ms each':>9}{'ratio':>7}{'a second':>10}{'p50 ms':>8}{'p99 ms':>8}")
            for name in turns:
                mine, times = statistics.median(cost[name]), sorted(took[name])
                p50, p99 = (times[int(len(times) * part)] * 1000 for part in (0.5, 0.99))
                told = f"{mine:9.2f}{mine / bare:7.1f}{statistics.median(rate[name]):10.0f}"
                print(f"  {name:26}{told}{p50:8.1f}{p99:8.1f}")
            service = found["the service"]
            ms = statistics.median(cost["the service"])
            alike = busy_as_long(size, ms, bare)
            asked = 300 if options.quick else 3000
            print(f"\n300 a second at their times, {CLIENTS} clients, {asked} requests in each of 3 turns")
            for _ in range(1 if options.quick else 3):
                for name, server in (("the service", service), ("as much other work", alike)):
                    used = server.seconds()
                    times = sorted(at_their_times(server.port, 300, asked))
                    p50, p99, most = (
                        times[min(len(times) - 1, int(len(times) * part))] * 1000 for part in (0.5, 0.99, 1)
                    )
                    each_ms = (server.seconds() - used) / asked * 1000
                    print(f"  {name:26}{each_ms:6.2f} ms each; ", end="")
                    print(f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, most {most:.1f} ms")
            alike.process.terminate()
            alike.process.wait(20)
            held = []
            for _ in range(max(2, total // 1000)):
                at_once(service.port, min(1000, total // 2))
                held.append(service.megabytes())
            print(f"\nMemory over {total} requests more: ", end="")
            print(
                f"{held[0]:.1f} MB after the first part, {held[-1]:.1f} after the last, most {max(held):.1f}"
            )
            lines = Path(folder, "decisions.jsonl").read_text("utf-8").splitlines()
            assert all(json.loads(line)["decision"] for line in lines)


if __name__ == "__main__":
    main()
