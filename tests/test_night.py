"""Nights: a run with a state gives the bytes of one without, judges little, and loses nothing."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from followcue import cli
from followcue.batch import night, sorting
from followcue.batch.json_lines import as_line
from followcue.batch.night_store import _NAME, FORMAT
from followcue.batch.nightly_report import KeptReport, RecordsSeen, joined
from followcue.batch.settings import Settings
from followcue.batch.source import Source
from followcue.evaluation.pipeline import LoadedPack, Options, evaluate, load_pack
from followcue.language.documents.document import Document
from followcue.synthesis.sampling.situations import Size
from followcue.synthesis.sampling.situations import situations as made_up

pytest.importorskip("duckdb", reason="needs the extra `tables`")
pytest.importorskip("pyarrow", reason="the extra `tables` is not installed")

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
DAY = timedelta(days=1)
START = date(2026, 11, 20)
Record = dict[str, Any]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several chunks of few situations."""
    monkeypatch.setattr(sorting, "SITUATIONS_A_CHUNK", 4)


def population() -> dict[str, list[Record]]:
    """The examples as records of situations that do not say their day, and some others."""
    found = {}
    for path in EXAMPLES:
        data = json.loads(json.dumps(yaml.safe_load(path.read_text("utf-8")), default=str))
        data.pop("as_of", None)
        found[path.stem] = list(records_of(data))
    found["own-day"] = [{"event": "search", "as_of": "2026-11-21"}, *found["rejected"][1:]]
    found["broken"] = [{"event": "application", "id": "a", "company": "A"}, {"event": "interviw"}]
    return found


def records_of(data: Record) -> Iterator[Record]:
    inner = ("contacts", "events")
    yield {"event": "search", **{k: v for k, v in data.items() if k not in ("applications", "events")}}
    for key, application in data["applications"].items():
        fields = {k: v for k, v in application.items() if k not in inner}
        yield {"event": "application", "id": key, **fields}
        for contact, said in (application.get("contacts") or {}).items():
            yield {"event": "contact", "application": key, "id": contact, **said}
        for event in application.get("events") or []:
            yield {"application": key, **event}
    yield from data.get("events") or []


class Nights:
    """A folder with a population, and runs over it with and without a state."""

    def __init__(self, folder: Path, form: str = "jsonl") -> None:
        self.folder, self.form, self.name = folder, form, "in.jsonl"
        self.people = population()
        self.state = folder / "state"

    @property
    def database(self) -> Path:
        return self.state / _NAME

    def write(self, people: dict[str, list[Record]] | None = None) -> str:
        path = self.folder / self.name
        lines = [
            {"situation": name, **record} for name, rs in (people or self.people).items() for record in rs
        ]
        text = "".join(json.dumps(line) + "\n" for line in lines)
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
        return str(path)

    def run(
        self, day: date, *options: str, output: str = "out", state: bool = True, workers: int = 1
    ) -> Result:
        target = self.folder / f"{output}.{self.form}"
        kept = ["--state", str(self.state)] if state else []
        command = ["batch", self.write(), "-o", str(target), "--workers", str(workers), "--as-of", str(day)]
        return CliRunner().invoke(cli.main, [*command, *kept, *options], catch_exceptions=False)

    def same(self, day: date, *options: str, workers: int = 1) -> int:
        """Both runs of one night give the same bytes; gives how many situations were judged."""
        alone = self.run(day, *options, output="alone", state=False)
        result = self.run(day, *options, workers=workers)
        assert (result.exit_code, alone.exit_code) == (1, 1), result.output
        for name in (f"out.{self.form}", f"out.{self.form}.rejects"):
            other = self.folder / name.replace("out", "alone")
            assert (self.folder / name).read_bytes() == other.read_bytes(), f"{day}: {name}"
        self.said = result.stderr.replace(str(self.folder), "")
        return judged(result)

    def told(self) -> list[str]:
        """The names of the situations in the output."""
        lines = (self.folder / "out.jsonl").read_text("utf-8").splitlines()
        return [json.loads(line)["situation"] for line in lines]


def judged(result: Result) -> int:
    line = next(line for line in result.stderr.splitlines() if "of them judged" in line)
    return int(line.split(", ")[1].split()[0])


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path)


ALL = len(EXAMPLES) + 2


# --- the same bytes
@pytest.mark.slow
@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_many_nights_give_the_bytes_of_judging_all(tmp_path: Path, form: str) -> None:
    """With events, situations that go and come back, and lines that move."""
    nights, rng, total, most = Nights(tmp_path, form), random.Random(4), 0, 0
    away: dict[str, list[Record]] = {}
    for number in range(12):
        nights.people |= away
        if number % 3 == 1:
            name = rng.choice([path.stem for path in EXAMPLES if path.stem in nights.people])
            away = {name: nights.people.pop(name)}
        elif number % 3 == 2:
            away = {}
            name = rng.choice([path.stem for path in EXAMPLES])
            place = next(r["id"] for r in nights.people[name] if r["event"] == "application")
            said = {"application": place, "event": "kept_warm", "date": str(START + number * DAY)}
            nights.people[name].append(said)
        people = list(nights.people.items())
        rng.shuffle(people)
        nights.people = dict(people)
        total += nights.same(START + number * DAY)
        most += len(nights.people)
    assert total < most


@pytest.mark.slow
def test_no_report_is_another_on_a_later_day_than_its_kept_one(nights: Nights) -> None:
    """For made-up situations too, on each day before the one that the report names."""
    pack = load_pack()
    checked = 0
    for data in islice(made_up(pack, 11, Size(goals=3, noise=6)), 25):
        data.pop("as_of", None)
        for missed in (False, True):
            checked += check_days(pack, data, START, 15, missed)
    assert checked > 100


def check_days(pack: LoadedPack, data: Record, first: date, days: int, missed: bool) -> int:
    """On how many of the days a report was kept; it was the right one."""
    seen, checked = RecordsSeen(b"", "[1]"), 0
    kept: KeptReport | None = None
    for number in range(days):
        day = first + number * DAY
        options = Options(day, missed=missed)
        report = {"situation": "s", **evaluate(pack, Document.of(data), options).to_dict()}
        if kept is not None and kept.terms.hold(seen, day.toordinal(), same_input=True):
            assert kept.line("[1]", day.toordinal()) == as_line(report)
            checked += 1
        else:
            kept = KeptReport.of(seen, report, own_day=False)
            assert joined(kept.head, kept.body) == as_line(report)
    return checked


@pytest.mark.slow
def test_the_same_night_judges_only_what_cannot_be_judged(nights: Nights) -> None:
    assert nights.same(START) == ALL
    assert nights.same(START) == 1


@pytest.mark.slow
def test_another_name_of_the_input_is_told_in_warnings(nights: Nights) -> None:
    nights.people["ahead"] = [
        *nights.people["rejected"],
        {"application": "acme", "event": "interview", "date": "2027-03-01", "id": "x"},
    ]
    place = next(r["id"] for r in nights.people["rejected"] if r["event"] == "application")
    nights.people["ahead"][-1]["application"] = place
    nights.same(START)
    nights.name = "other.jsonl"
    assert 1 < nights.same(START) < ALL
    assert b"other.jsonl:" in (nights.folder / "out.jsonl").read_bytes()


@pytest.mark.slow
def test_lines_that_moved_are_told_without_judging(nights: Nights) -> None:
    """But reports with warnings are judged, since these name lines."""
    nights.same(START)
    reports = (nights.folder / "out.jsonl").read_text("utf-8").splitlines()
    warned = sum(bool(json.loads(report)["warnings"]) for report in reports)
    nights.people = {"aaa": nights.people["rejected"], **nights.people}
    assert nights.same(START) == warned + 2 < ALL


# --- what reports depend on
@pytest.mark.slow
@pytest.mark.parametrize("options", [["--profile", "patient"], ["--set", "focus_steps=1"], ["--all"]])
def test_other_options_judge_everything(nights: Nights, options: list[str]) -> None:
    nights.same(START)
    assert nights.same(START, *options) == ALL
    assert "everything is judged" in nights.said


@pytest.mark.slow
def test_another_release_or_calendar_judges_everything(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    nights.same(START)
    monkeypatch.setattr(night, "_version_of", lambda package: "0.0")
    assert nights.same(START) == ALL
    monkeypatch.setattr(night, "key_of", lambda folders, rooms: b"another program")
    assert nights.same(START) == ALL


def test_every_choice_is_part_of_what_reports_depend_on() -> None:
    """But the day, what is only quicker, and rules, which their version names."""
    plain = Settings(START)
    other = Settings(
        START + DAY, ("x",), ("y",), START, "patient", (("focus_steps", 1),), "durable", True, False,
        plain.limits._replace(steps=5),
    )  # fmt: skip
    source = Source.of("in.jsonl")
    same = {"today", "rules", "packs", "cache"}
    for name in Settings._fields:
        changed = plain._replace(**{name: getattr(other, name)})
        equal = night.depends_on(plain, source, "v") == night.depends_on(changed, source, "v")
        assert equal == (name in same), name
    for text, said in (("w", source), ("v", Source.of("in.csv"))):
        assert night.depends_on(plain, source, "v") != night.depends_on(plain, said, text)


# --- only what changed
@pytest.mark.slow
def test_changed_writes_what_says_other_things(nights: Nights) -> None:
    nights.run(START, "--changed")
    assert len(nights.told()) == ALL - 1
    nights.run(START, "--changed")
    assert nights.told() == []
    gone = nights.people.pop("own-day")
    nights.people["rejected"].append(gone[-1])
    result = nights.run(START, "--changed")
    assert nights.told() in (["rejected"], [])
    assert "1 gone" in result.stderr
    for number in range(1, 15):
        before = whole(nights, START + (number - 1) * DAY)
        after = whole(nights, START + number * DAY)
        nights.run(START + number * DAY, "--changed")
        assert nights.told() == [name for name in after if after[name] != before.get(name)]


def whole(nights: Nights, day: date) -> dict[str, Any]:
    """The reports of a day without what goes with the day, and without lines."""
    nights.run(day, output="alone", state=False)
    found = {}
    for line in (nights.folder / "alone.jsonl").read_text("utf-8").splitlines():
        report = json.loads(line)
        opened = {action["id"] for action in report["actions"] if action["open"]}
        for reason in (reason for action in report["actions"] for reason in action["because"]):
            reason["line"] = None
        report["warnings"] = [re.sub(r"^.*?:\d+: ", "", warning) for warning in report["warnings"]]
        for step in report["steps"]:
            step["late"] = 0
            if step["when"] == "now" and not opened & set(step["actions"]):
                step["open"] = None
        found[report["situation"]] = report | {"as_of": None, "next_change": None}
    return found


def test_changed_needs_a_state(nights: Nights) -> None:
    result = nights.run(START, "--changed", state=False)
    assert result.exit_code == 2
    assert "--changed goes with --state" in result.stderr


# --- states that cannot be used
def test_a_state_may_be_deleted_at_any_time(nights: Nights) -> None:
    nights.same(START)
    nights.database.unlink()
    assert nights.same(START) == ALL
    assert "state" not in nights.said


def damage_header(path: Path) -> None:
    path.write_bytes(b"no database" + path.read_bytes()[11:])


def damage_half(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def damage_report(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE reports SET body = replace(body, 'actions', 'reasons')")
    connection.close()


def damage_name(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE terms SET situation = 'x' || situation")
        connection.execute("UPDATE terms SET situation = 'rejected' WHERE situation = 'xtwo-offers'")
    connection.close()


def damage_table(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE terms RENAME COLUMN until TO till")
    connection.close()


def damage_bytes(path: Path) -> None:
    content = bytearray(path.read_bytes())
    rng = random.Random(3)
    for _ in range(400):
        content[rng.randrange(4096, len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)


@pytest.mark.slow
@pytest.mark.parametrize(
    "damage", [damage_header, damage_half, damage_report, damage_name, damage_table, damage_bytes]
)
def test_a_damaged_state_is_told_and_made_anew(nights: Nights, damage: Any) -> None:
    nights.same(START)
    damage(nights.database)
    nights.same(START)
    assert "damaged" in nights.said
    nights.same(START + DAY)
    assert "damaged" not in nights.said


@pytest.mark.slow
def test_a_state_of_another_format_is_told(nights: Nights) -> None:
    nights.same(START)
    with sqlite3.connect(nights.database) as connection:
        connection.execute(f"PRAGMA user_version = {FORMAT + 1}")
    connection.close()
    assert nights.same(START) == ALL
    assert "another release" in nights.said
    assert nights.same(START) == 1


def test_what_is_foreign_is_left_alone(nights: Nights, tmp_path: Path) -> None:
    nights.state.mkdir()
    (nights.state / "letter.txt").write_text("dear")
    result = nights.run(START)
    assert result.exit_code == 2
    assert "`letter.txt`, which is no part of a state" in result.stderr
    (nights.state / "letter.txt").unlink()
    with sqlite3.connect(nights.database) as connection:
        connection.execute("CREATE TABLE mine (a)")
    connection.close()
    before = nights.database.read_bytes()
    result = nights.run(START)
    assert result.exit_code == 2
    assert "another program" in result.stderr
    assert nights.database.read_bytes() == before
    nights.state = tmp_path / "in.jsonl"
    assert nights.run(START).exit_code == 2
    nights.state = tmp_path
    assert nights.run(START).exit_code == 2


def test_two_nights_at_once_are_refused(nights: Nights) -> None:
    nights.same(START)
    with sqlite3.connect(nights.database, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        result = nights.run(START + DAY)
        assert result.exit_code == 2
        assert "another night is at work" in result.stderr
        other.execute("ROLLBACK")
    other.close()
    nights.same(START + DAY)


@pytest.mark.slow
def test_a_clock_that_goes_backwards_is_told(nights: Nights) -> None:
    nights.same(START + 5 * DAY)
    assert nights.same(START) > 1
    assert "2026-11-20 is before the day of the last night, 2026-11-25" in nights.said
    nights.same(START + 5 * DAY)
    assert "before" not in nights.said


# --- stopped
@pytest.mark.slow
def test_a_night_that_stopped_goes_on(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the output, between output and state, and after the state: the next run ends what it began."""
    from followcue.batch import run_batch as module
    from followcue.batch.checkpoint import Checkpoint
    from followcue.batch.night_store import NightStore

    nights.same(START)
    for number, (holder, name) in enumerate(
        [(module, "join_files"), (NightStore, "end"), (Checkpoint, "end")], 1
    ):
        before, day = whole(nights, START + (number - 1) * 10 * DAY), START + number * 10 * DAY
        who = ("rejected", "two-offers", "whole-search")[number - 1]
        nights.people[who] = nights.people[who][:-1]
        with monkeypatch.context() as patched:
            patched.setattr(holder, name, stop)
            assert nights.run(day, "--changed").exit_code > 1
        expected = {k for k, v in whole(nights, day).items() if v != before.get(k)}
        result = nights.run(day, "--changed")
        assert result.exit_code == 1, result.output
        assert expected
        assert set(nights.told()) == expected
        assert not list(nights.folder.glob("*.unfinished"))
    nights.same(START + 30 * DAY)


class Stopped(Exception):
    pass


def stop(*arguments: object, **named: object) -> None:
    raise Stopped


def test_a_stopped_night_begins_anew_when_the_state_is_another(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    from followcue.batch import run_batch as module

    nights.same(START)
    with monkeypatch.context() as patched:
        patched.setattr(module, "join_files", stop)
        assert nights.run(START + DAY).exit_code > 1
    nights.database.unlink()
    assert "begins anew" in nights.run(START + DAY).stderr
    nights.same(START + DAY)


@pytest.mark.large
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("delta", [False, True], ids=["whole", "delta"])
def test_killed_at_any_moment_nothing_is_lost_or_doubled(nights: Nights, workers: int, delta: bool) -> None:
    """With a delta the same command is given until it ends, and once more: its events are there once."""
    nights.run(START, "--keep-records")
    rng = random.Random(1)
    killed = 0
    place = next(r["id"] for r in nights.people["rejected"] if r["event"] == "application")
    for number in range(int(os.environ.get("FOLLOWCUE_KILLS", "15"))):
        day = START + (number + 1) * DAY
        new = {"event": "kept_warm", "application": place, "date": str(day)}
        nights.people["rejected"].append(new)
        given = nights.folder / "new.jsonl"
        given.write_text(json.dumps({"situation": "rejected", **new}) + "\n", "utf-8")
        source = str(given) if delta else nights.write()
        command = [sys.executable, str(ROOT / "cli.py"), "batch", source, "-o"]
        command += [str(nights.folder / "out.jsonl"), "--workers", str(workers), "--as-of", str(day)]
        command += ["--state", str(nights.state), "--delta" if delta else "--keep-records"]
        for _ in range(2):
            process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
            time.sleep(rng.uniform(0.1, 2.0))
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                killed += 1
            process.wait()
        for _ in range(2):
            assert subprocess.run(command, capture_output=True, check=False).returncode == 1
        nights.run(day, output="alone", state=False)
        assert without_lines(nights.folder / "out.jsonl") == without_lines(nights.folder / "alone.jsonl")
    assert killed


def without_lines(path: Path) -> bytes:
    """The reports of a file without the places of records, which a delta counts in another way."""
    return re.sub(rb'"line":\d+|\w+\.jsonl:\d+', b"", path.read_bytes())


@pytest.mark.slow
def test_several_workers_give_the_same_bytes(nights: Nights) -> None:
    """Also when the state is damaged, and of what each worker finds only the first is told."""
    assert nights.same(START, workers=2) == ALL
    nights.people["rejected"].pop()
    assert 1 < nights.same(START + DAY, workers=2) < ALL
    damage_report(nights.database)
    nights.same(START + DAY, workers=2)
    assert nights.said.count("damaged") == 1
    assert nights.same(START + DAY, workers=2) == 1
    assert not list(nights.folder.glob("*.unfinished"))


@pytest.mark.slow
def test_of_two_nights_at_once_one_is_refused_or_waits_for_nothing(nights: Nights) -> None:
    nights.same(START)
    command = [sys.executable, str(ROOT / "cli.py"), "batch", nights.write(), "--as-of", str(START + DAY)]
    command += ["--state", str(nights.state), "--workers", "2"]
    began = [
        subprocess.Popen([*command, "-o", str(nights.folder / f"{name}.jsonl")], stderr=subprocess.PIPE)
        for name in ("one", "two")
    ]
    said = [process.communicate()[1].decode() for process in began]
    ended = [process.returncode for process in began]
    assert 1 in ended
    assert set(ended) <= {1, 2}
    assert all(
        "another night is at work" in text for text, code in zip(said, ended, strict=True) if code == 2
    )
    assert nights.same(START + DAY) == 1


# --- deltas
class Deltas:
    """Nights of deltas, and one input with all their lines, those that are no more being empty."""

    def __init__(self, folder: Path, form: str = "jsonl") -> None:
        self.folder, self.form = folder, form
        self.lines: list[str] = []
        self.owners: list[tuple[str, str] | None] = []
        self.said = ""
        self._nights = Nights(folder, form)

    @property
    def database(self) -> Path:
        return self._nights.database

    def night(self, day: date, records: list[Record], *options: str) -> int:
        """A night with these new records; both ways give the same bytes; gives how many were judged."""
        first = not self.lines
        self._take(records)
        text = "".join(f"{json.dumps(record)}\n" for record in records)
        (self.folder / "new.jsonl").write_text(text, "utf-8")
        (self.folder / "all.jsonl").write_text("".join(f"{line}\n" for line in self.lines), "utf-8")
        kept = ["--state", str(self.folder / "state"), "--keep-records" if first else "--delta"]
        result = self.run("new.jsonl", "out", day, *kept, *options)
        alone = self.run("all.jsonl", "alone", day, *options)
        assert result.exit_code == alone.exit_code, result.output
        for name in (f"out.{self.form}", f"out.{self.form}.rejects"):
            one, other = self.folder / name, self.folder / name.replace("out", "alone")
            assert one.exists() == other.exists()
            if one.exists():
                said = other.read_bytes().replace(b"all.jsonl", b"new.jsonl")
                assert one.read_bytes() == said, f"{day}: {name}"
        self.said = result.stderr
        return judged(result)

    def run(self, source: str, output: str, day: date, *options: str) -> Result:
        target = str(self.folder / f"{output}.{self.form}")
        command = ["batch", str(self.folder / source), "-o", target, "--workers", "1", "--as-of", str(day)]
        return CliRunner().invoke(cli.main, [*command, *options], catch_exceptions=False)

    def _take(self, records: list[Record]) -> None:
        """Write what is new below the others; what is no more becomes an empty line."""
        before = len(self.lines)
        for record in records:
            name, gone = record["situation"], record.get("gone") is True
            said = (name, declared(record))
            for place in range(before):
                owner = self.owners[place]
                no_more = owner == said if said[1] else gone or "event" not in record
                if owner is not None and owner[0] == name and no_more:
                    self.lines[place], self.owners[place] = "", None
            self.lines.append("" if gone else json.dumps(record))
            self.owners.append(None if gone else said)


def declared(record: Record) -> str:
    """What a record of the shipped pack declares; nothing if it is an event."""
    keys = {"application": ("id",), "contact": ("application", "id"), "person": ()}.get(
        record.get("event", "")
    )
    return "" if keys is None else " ".join([record["event"], *(record[key] for key in keys)])


def all_records(people: dict[str, list[Record]]) -> list[Record]:
    return [{"situation": name, **record} for name, records in people.items() for record in records]


@pytest.mark.slow
@pytest.mark.parametrize(("form", "options"), [("jsonl", []), ("parquet", []), ("jsonl", ["--all"])])
def test_deltas_give_the_bytes_of_the_whole_input(tmp_path: Path, form: str, options: list[str]) -> None:
    """Events, records that are declared anew, situations that are new, go, come back or are given whole."""
    deltas, people, rng, day = Deltas(tmp_path, form), population(), random.Random(5), START
    deltas.night(day, all_records(people), *options)
    total = 0
    for number in range(14):
        day = START + number * DAY
        new = []
        for name in rng.sample([path.stem for path in EXAMPLES], rng.choice([0, 1, 2])):
            new += change(rng, name, number, people[name], day)
        total += deltas.night(day, new, *options)
    assert 14 < total < 14 * ALL
    deltas.night(day, [], "--set", "focus_steps=1", *options)
    assert "everything is judged" in deltas.said


def change(rng: random.Random, name: str, number: int, records: list[Record], day: date) -> list[Record]:
    """Something new of a situation."""
    applications = [record for record in records if record["event"] == "application"]
    contacts = [record for record in records if record["event"] == "contact"]
    here = {"situation": name}
    match rng.randrange(6):
        case 0:
            return [{**here, **rng.choice(applications), "role": f"role {number}"}]
        case 1 if contacts:
            return [{**here, **rng.choice(contacts), "name": f"Name {number}"}]
        case 2:
            return [{**here, "gone": True}]
        case 3:
            return [*({**here, **record} for record in records[:-1]), {**here, "gone": True}]
        case 4:
            return [{"situation": f"{name}-{number}", **record} for record in records]
        case _:
            said = {"event": "kept_warm", "application": applications[0]["id"], "date": str(day)}
            return [{**here, **applications[0]}, {**here, **said}]


def test_a_whole_situation_in_a_delta_takes_the_place_of_what_was_known(tmp_path: Path) -> None:
    deltas = Deltas(tmp_path)
    deltas.night(START, all_records({"a": population()["rejected"], "b": population()["two-offers"]}))
    data = yaml.safe_load((ROOT / "examples" / "whole-search.yaml").read_text("utf-8"))
    whole_one = json.loads(json.dumps({"situation": "a", **data}, default=str))
    assert deltas.night(START + DAY, [whole_one]) >= 1
    event = {"situation": "a", "event": "kept_warm", "date": str(START)}
    deltas.night(START + DAY, [event])
    assert "given as a whole and as other records" in (tmp_path / "out.jsonl.rejects").read_text()


@pytest.mark.slow
def test_a_whole_input_between_deltas_counts_lines_anew(tmp_path: Path) -> None:
    """Its records have moved, and those that are kept move with them, judged or not."""
    deltas, people = Deltas(tmp_path), population()
    deltas.night(START, all_records(people))
    deltas.night(START + DAY, [{"situation": "new", **record} for record in people["rejected"]])
    reverse = dict(reversed(people.items()))
    deltas.lines, deltas.owners = [], []
    assert deltas.night(START + DAY, all_records(reverse)) < ALL
    place = next(r["id"] for r in people["rejected"] if r["event"] == "application")
    new = {"situation": "rejected", "event": "kept_warm", "application": place, "date": str(START)}
    assert deltas.night(START + DAY, [new]) < ALL
    assert names_in(tmp_path / "out.jsonl") == sorted(people.keys() - {"broken"})


def test_the_same_delta_is_not_added_twice(tmp_path: Path) -> None:
    deltas = Deltas(tmp_path)
    people = population()
    deltas.night(START, all_records(people))
    place = next(r["id"] for r in people["rejected"] if r["event"] == "application")
    new = [{"situation": "rejected", "event": "kept_warm", "application": place, "date": str(START)}]
    deltas.night(START + DAY, new)
    before = (tmp_path / "out.jsonl").read_bytes()
    kept = ("--state", str(tmp_path / "state"), "--delta")
    result = deltas.run("new.jsonl", "out", START + DAY, *kept)
    assert "nothing of it is added a second time" in result.stderr
    assert (tmp_path / "out.jsonl").read_bytes() == before


@pytest.mark.slow
def test_only_what_changed_of_a_delta(tmp_path: Path) -> None:
    """The reports that `--changed` writes are those that differ, and no others are read."""
    deltas, whole_night = Deltas(tmp_path / "a"), Nights(tmp_path / "b")
    for each in (deltas, whole_night):
        each.folder.mkdir()
    deltas.night(START, all_records(whole_night.people))
    whole_night.run(START)
    people = whole_night.people
    place = next(r["id"] for r in people["rejected"] if r["event"] == "application")
    new = {"event": "kept_warm", "application": place, "date": str(START + DAY)}
    for number in range(1, 9):
        (deltas.folder / "new.jsonl").write_text("")
        if number == 3:
            (deltas.folder / "new.jsonl").write_text(json.dumps({"situation": "rejected", **new}))
            people["rejected"].append(new)
        kept = ("--state", str(deltas.folder / "state"), "--delta", "--changed")
        deltas.run("new.jsonl", "out", START + number * DAY, *kept)
        whole_night.run(START + number * DAY, "--changed")
        assert names_in(deltas.folder / "out.jsonl") == whole_night.told()


def names_in(path: Path) -> list[str]:
    return [json.loads(line)["situation"] for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("spoilt", ["nothing", "without", "header", "records", "format"])
def test_a_delta_needs_a_state_that_it_can_be_added_to(tmp_path: Path, spoilt: str) -> None:
    deltas = Deltas(tmp_path)
    (tmp_path / "new.jsonl").write_text("")
    if spoilt != "nothing":
        deltas.night(START, all_records({"rejected": population()["rejected"]}))
    kept = ("--state", str(tmp_path / "state"))
    if spoilt == "without":
        deltas.run("all.jsonl", "out", START, *kept)
    elif spoilt == "header":
        damage_header(deltas.database)
    elif spoilt in ("records", "format"):
        with sqlite3.connect(deltas.database) as connection:
            said = "PRAGMA user_version = 1"
            connection.execute("UPDATE records SET said = '[]'" if spoilt == "records" else said)
        connection.close()
    before = deltas.database.read_bytes() if deltas.database.exists() else None
    (tmp_path / "new.jsonl").write_text('{"situation": "rejected", "event": "search"}\n')
    result = deltas.run("new.jsonl", "out", START + DAY, *kept, "--delta")
    assert result.exit_code == 2, result.output
    assert "give the whole input" in result.stderr.lower().replace("\n", " ")
    assert (deltas.database.read_bytes() if deltas.database.exists() else None) == before


@pytest.mark.slow
def test_a_damaged_report_is_judged_from_the_kept_records(tmp_path: Path) -> None:
    deltas = Deltas(tmp_path)
    deltas.night(START, all_records(population()))
    damage_report(deltas.database)
    assert deltas.night(START, []) > 2
    assert "damaged" in deltas.said


@pytest.mark.parametrize("option", ["--delta", "--keep-records"])
def test_records_are_kept_in_a_state_alone(nights: Nights, option: str) -> None:
    result = nights.run(START, option, state=False)
    assert result.exit_code == 2
    assert f"{option} goes with --state" in result.stderr
