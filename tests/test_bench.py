"""What a bench answers is what the commands say of the same files, and what it writes holds."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from followcue.authoring.lint.check import check, messages_beside
from followcue.base.diagnostic import InvalidInput
from followcue.cli import main
from followcue.evaluation.pipeline import LoadedPack, Options, evaluate_facts, load_pack
from followcue.explain.wanted import Wanted
from followcue.language.documents.read import read_document
from followcue.language.folders import read_folder, shipped_folder
from followcue.session import author
from followcue.session.name_index import NamePlace, Sort
from followcue.session.pack_bench import PackBench
from followcue.session.pack_texts import PackTexts
from followcue.session.rename import OF_EVERY_PACK, renamed
from followcue.session.text_change import changes_between, with_changes
from followcue.testing.coverage.coverage import coverage_of
from followcue.testing.find import find_tests
from followcue.testing.mutate import MutationPlan, run_mutation
from followcue.testing.mutation.declared_equivalent import claims_in, reasons
from followcue.testing.mutation.mutation import grounded
from followcue.testing.suite import read_suite, run_suite

ROOT = Path(__file__).parents[1]
PACK = ROOT / "examples" / "packs" / "invoice-reminders"
SHIPPED = ROOT / "rules" / "interview-follow-up"


def today(zone: str | None) -> date:
    return date(2026, 3, 20)


def bench_of(folder: Path, situations: dict[str, str] | None = None) -> PackBench:
    """The bench of a folder, as it lies there."""
    tests = {str(path): path.read_text("utf-8") for path in sorted((folder / "tests").glob("*.yaml"))}
    texts = PackTexts(shipped_folder(), (), (read_folder(str(folder)),))
    return PackBench.of(texts, tests, situations or {}, messages_beside([str(folder)], []))


def edited(bench: PackBench, file: str, before: str, after: str) -> PackBench:
    """The bench with a text replaced in a file of rules."""
    text = bench.text(file)
    assert text.count(before) == 1, (file, before)
    texts = bench.state.texts.under({file: text.replace(before, after)})
    return bench.with_texts(texts, bench.tests, bench.situations)


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "invoices"
    shutil.copytree(PACK, folder)
    return folder


@pytest.fixture
def bench(pack: Path) -> PackBench:
    return bench_of(pack)


# --- mistakes
def test_mistakes_are_those_of_check_with_what_mends_them(pack: Path) -> None:
    path = pack / "reminders.yaml"
    text = path.read_text("utf-8").replace("- no called:", "- no caled:")
    odd = 'rules:\n  odd: {title: "🙂", when: [nothing_so], recommend: {action: wait}}\n'
    text = text.replace("rules:\n", odd)
    path.write_text(text, "utf-8")
    bench = bench_of(pack)
    found = author.check(bench, today)["diagnostics"]
    mistakes = check([str(pack)]).mistakes
    assert len(mistakes) == 2
    assert [(d["code"], d["message"], d["where"]) for d in found] == [
        (one.code, one.message, str(one.span)) for one in mistakes
    ]
    (fix,) = [d["fix"] for d in found if d["fix"]]
    assert fix["title"] == "Write `called` instead of `caled`"
    assert with_edits({str(path): text}, fix["edits"])[str(path)] == text.replace("caled", "called")


def with_edits(texts: dict[str, str], edits: list[dict[str, Any]]) -> dict[str, str]:
    """The texts with edits made as a page makes them: by line and column, in characters."""
    changed = dict(texts)
    for edit in sorted(edits, key=lambda one: (one["line"], one["column"]), reverse=True):
        lines = changed[edit["file"]].splitlines(keepends=True)
        start = sum(map(len, lines[: edit["line"] - 1])) + edit["column"] - 1
        end = sum(map(len, lines[: edit["end_line"] - 1])) + edit["end_column"] - 1
        text = changed[edit["file"]]
        changed[edit["file"]] = text[:start] + edit["text"] + text[end:]
    return changed


DEAD = """\
  never-so:
    title: Never
    cites: [own default]
    when: [to_collect: {customer: $customer}, no to_collect]
    recommend: {action: wait, to: $customer}
"""


@pytest.mark.slow
def test_findings_are_those_of_check_and_are_allowed_on_request(pack: Path) -> None:
    path = pack / "reminders.yaml"
    path.write_text(path.read_text("utf-8") + DEAD, "utf-8")
    bench = bench_of(pack)
    found = author.check(bench, today, deep=True)["diagnostics"]
    told = check([str(pack)])
    assert told.told
    assert not told.mistakes
    assert sorted((d["code"], d["message"], d["where"]) for d in found) == sorted(
        (one.finding.diagnostic.code, one.finding.diagnostic.message, one.finding.diagnostic.where)
        for one in told.told
    )
    fix = next(d["fix"] for d in found if d["fix"])
    after = with_edits({str(path): bench.text(str(path))}, fix["edits"])
    path.write_text(after[str(path)], "utf-8")
    assert len(check([str(pack)]).told) < len(told.told)


# --- tests
@pytest.mark.slow
def test_tests_come_out_as_the_command_says_those_of_the_edit_first(pack: Path, bench: PackBench) -> None:
    loaded = load_pack(str(pack), cache=False)
    results = run_suite(read_suite(find_tests((), [str(pack)]), loaded), loaded)
    *rows, last = author.run_tests(bench)
    assert [(r["file"], r["name"], r["passed"]) for r in rows] == [
        (one.scenario.file, one.scenario.id, one.passed) for one in results
    ]
    assert last == {"done": True, "passed": len(results), "failed": 0}
    file = str(pack / "reminders.yaml")
    now = edited(
        bench,
        file,
        "$reminded + next_step_after) + remind_within\n\n  then-the-final",
        "$reminded + next_step_after)\n\n  then-the-final",
    )
    changed = author.changed_rules(bench, now)
    assert changed == ("then-a-second-reminder",)
    *rows, last = author.run_tests(now, changed=changed)
    touched = {(r["file"], r["name"]) for r in author.rule_at(bench, file, 36)["tests"]}
    assert {(r["file"], r["name"]) for r in rows[: len(touched)]} == touched
    assert last["failed"] == sum(not r["passed"] for r in rows) > 0
    missed = next(r for r in rows if not r["passed"])
    assert "expected  " in missed["failures"][0]["message"]
    assert missed["failures"][0]["place"]["file"] == missed["file"]
    result = CliRunner().invoke(main, ["test", str(written(now, pack)), "--no-cache"])
    said = missed["failures"][0]["message"].splitlines()
    assert all(line.strip() in result.output for line in said[1:])


def written(bench: PackBench, pack: Path) -> Path:
    """The folder with the texts of a bench."""
    for file in bench.own_files:
        Path(file).write_text(bench.text(file), "utf-8")
    return pack


def test_a_rule_is_found_on_each_of_its_lines(pack: Path, bench: PackBench) -> None:
    file = str(pack / "disputes.yaml")
    found = author.rule_at(bench, file, 25)
    assert (found["id"], found["line"]) == ("credit-what-was-wrong", 19)
    assert found["end_line"] == bench.lines(file).index("  let-a-small-rest-go:") - 1
    assert author.rule_at(bench, file, 1) == {}
    listed = {one["id"]: one for one in author.rules(bench, counts=True)["rules"]}
    assert listed["credit-what-was-wrong"]["tests"] == len(found["tests"]) == 3
    assert listed.keys() == bench.loaded.pack.rules.keys()


@pytest.mark.slow
def test_coverage_and_mutants_of_each_rule_are_those_of_the_command(bench: PackBench) -> None:
    loaded: LoadedPack = bench.loaded
    tests = [grounded(loaded, one) for one in bench.scenarios]
    every = coverage_of(loaded, tests, reasons(claims_in(bench.documents, loaded.pack.rules)))
    for rule in ("what-may-be-collected", "credit-what-was-wrong", "wait-after-a-reminder"):
        items = [item for item in every.items if item.rule == rule]
        found = author.coverage(bench, rule)
        assert [e["covered"] for e in found["edges"]] == [p.seen for item in items for p in item.points]
        plan = MutationPlan(rules=(rule,), tries=0)
        claims = [claim for claim in claims_in(bench.documents, loaded.pack.rules) if claim.rule == rule]
        wanted = run_mutation(loaded, tests, claims, plan)
        *rows, last = author.mutants(bench, rule)
        assert (last["killed"], last["all"]) == (wanted.score.seen, wanted.score.of)
        assert len(rows) == wanted.tried
        left = {row["sentence"] for row in rows if not row["killed"] and not row["same"]}
        assert left == {one.mutant.says for one in wanted.survivors}


def test_whether_a_rule_fires_is_what_the_evaluation_derived(bench: PackBench) -> None:
    situation = (PACK / "examples" / "may.yaml").read_text("utf-8")
    bench = bench.with_state(bench.state, bench.tests, {"mine.yaml": situation})
    loaded = bench.loaded
    judged = evaluate_facts(loaded, loaded.read(read_document(situation, "mine.yaml"), Options()), Options())
    clauses = loaded.program.clauses
    found = {rule: author.firing(bench, rule, "mine.yaml", Options()) for rule in loaded.pack.rules}
    for rule, said in found.items():
        derived = [d for d in judged.derivations if clauses[d.clause].rule == rule]
        own = [d for d in derived if clauses[d.clause].helper is None]
        assert said["times"] == len(own), rule
        assert said["outline"] or own, rule
    fires = [rule for rule, said in found.items() if said["times"]]
    assert 0 < len(fires) < len(found)


def test_a_rule_that_is_not_there_is_refused(bench: PackBench) -> None:
    with pytest.raises(InvalidInput, match="there is no rule `what-may-be-colected`"):
        author.coverage(bench, "what-may-be-colected")


# --- the edit
@pytest.mark.slow
def test_the_diff_is_that_of_the_command(pack: Path, tmp_path: Path, bench: PackBench) -> None:
    grace = "value: 5 days, profiles: {gentle: 10"
    now = edited(bench, str(pack / "vocabulary.yaml"), grace, grace.replace("5", "6"))
    before = tmp_path / "before"
    shutil.copytree(pack, before)
    found = author.diff(bench, now)
    asked = ["diff", str(before), str(written(now, pack)), "--format", "json", "--no-cache"]
    wanted = json.loads(CliRunner().invoke(main, asked).output)
    assert (found["of"], found["changed"]) == (
        wanted["situations"]["asked"],
        wanted["situations"]["changed"] + wanted["situations"]["judged by one side"],
    )
    assert found["changed"] > 0
    assert len(found["situations"]) == len(wanted["differences"])
    edit = "parameter `grace`: the value was 5 days, is 6 days"
    for mine, theirs in zip(found["situations"], wanted["differences"], strict=True):
        assert len(mine["changes"]) == len(theirs["changes"])
        assert {one["edit"] for one in mine["blame"]} == {edit}


def test_an_open_situation_is_asked_about_first(pack: Path) -> None:
    name = str(pack / "examples" / "may.yaml")
    bench = bench_of(pack, {name: Path(name).read_text("utf-8")})
    now = edited(bench, str(pack / "vocabulary.yaml"), "value: 5 days, profiles", "value: 60 days, profiles")
    assert author.diff(bench, now)["situations"][0]["name"] == name


@pytest.mark.slow
def test_what_nobody_waits_for_is_given_up(bench: PackBench) -> None:
    steps = 0

    def give_up() -> None:
        nonlocal steps
        steps += 1
        if steps > 3:
            raise InterruptedError

    for ask in (
        lambda: author.diff(bench, bench, None, give_up),
        lambda: author.coverage(bench, "who-is-late", give_up),
        lambda: list(author.mutants(bench, "who-is-late", give_up)),
        lambda: author.rules(bench, counts=True, give_up=give_up),
        lambda: author.check(bench, today, deep=True, give_up=give_up),
    ):
        steps = 0
        with pytest.raises(InterruptedError):
            ask()


# --- names
def declared(bench: PackBench) -> list[NamePlace]:
    """Each conclusion, event, action and parameter, where it is declared."""
    vocabulary = bench.loaded.pack.vocabulary
    kinds = [name for name, kind in vocabulary.kinds.items() if kind.role != "record"]
    names: dict[Sort, Iterable[str]] = {
        "action": vocabulary.actions,
        "parameter": [name for name in vocabulary.parameters if name not in OF_EVERY_PACK],
        "kind": kinds,
    }
    return [place for sort in names for name in names[sort] for place in bench.index.declared(sort, name)[:1]]


@pytest.mark.slow
def test_a_parameter_that_every_pack_knows_keeps_its_name() -> None:
    bench = bench_of(SHIPPED)
    (place,) = bench.index.declared("parameter", "contact_days")
    with pytest.raises(InvalidInput, match="every pack knows `contact_days` by this name"):
        renamed(bench, place.span.file, place.span.line, place.span.column, "office_days")


@pytest.mark.slow
def test_a_name_that_a_warning_has_as_a_common_word_can_be_renamed() -> None:
    whole = bench_of(SHIPPED)
    some = {file: text for file, text in whole.tests.items() if Path(file).stem == "after-the-interview"}
    bench = whole.with_state(whole.state, some, {})
    renamed_each(bench, bench.index.declared("kind", "interview")[:1])


def renamed_each(bench: PackBench, places: Iterable[NamePlace]) -> None:
    for place in places:
        name, span = place.name, place.span
        found = renamed(bench, span.file, span.line, span.column, f"{name}_2")
        assert found.changes
        assert all(found.bench.result(one).passed for one in found.bench.scenarios)
        vocabulary = found.bench.loaded.pack.vocabulary
        assert name not in {*vocabulary.actions, *vocabulary.kinds, *vocabulary.parameters}


@pytest.mark.slow
def test_renaming_a_name_changes_no_advice_but_the_name(bench: PackBench) -> None:
    renamed_each(bench, declared(bench)[::6])


@pytest.mark.large
def test_renaming_any_name_changes_no_advice_but_the_name(bench: PackBench) -> None:
    places = declared(bench)
    assert len(places) > 40
    renamed_each(bench, places)


@pytest.mark.large
def test_renaming_any_name_of_the_shipped_pack_changes_no_advice_but_the_name() -> None:
    whole = bench_of(SHIPPED)
    some = {file: text for file, text in whole.tests.items() if not Path(file).name.startswith("small-print")}
    bench = whole.with_state(whole.state, some, {})
    places = declared(bench)
    assert len(places) > 200
    renamed_each(bench, places)


@pytest.mark.slow
def test_a_renaming_under_which_other_things_are_said_is_refused(pack: Path, bench: PackBench) -> None:
    file = str(pack / "reminders.yaml")
    told = edited(
        bench,
        file,
        '      why: "{invoice} counts as late after {day}."\n',
        '      do: ["🙂 Leave them {grace}"]\n',
    )
    line = next(n for n, said in enumerate(told.lines(file), 1) if "{grace}" in said)
    column = told.lines(file)[line - 1].index("{grace}") + 2
    with pytest.raises(InvalidInput) as refusal:
        author.rename(told, file, line, column, "day")
    (problem,) = refusal.value.diagnostics
    assert problem.code == "FC610"
    assert "situations are advised otherwise" in problem.message
    assert "changes send_reminder" in problem.related[0][0]
    edits = author.rename(told, file, line, column, "leniency")["edits"]
    mine = [edit for edit in edits if edit["file"] == file]
    after = with_edits({file: told.text(file)}, mine)[file]
    assert '["🙂 Leave them {leniency}"]' in after
    assert "open: $day + leniency\n" in after
    taken = "there is a `next_step_after` already"
    for wrong, said in {"next_step_after": taken, "Grace": "a name of small letters"}.items():
        with pytest.raises(InvalidInput, match=said):
            author.rename(told, file, line, column, wrong)


@pytest.mark.slow
def test_claims_that_no_situation_shows_a_change_follow_a_renaming() -> None:
    bench = bench_of(SHIPPED)
    files = {file: text for file, text in bench.tests.items() if file.endswith("/fine-points.yaml")}
    bench = bench.with_state(bench.state, files, {})
    place = bench.index.declared("kind", "interview_ahead")[0].span
    ((file, before),) = files.items()
    claim = "`interview_ahead` is left out of `no interview or interview_ahead or interview_unwritten`"
    assert claim in before
    found = renamed(bench, place.file, place.line, place.column, "another_interview")
    assert claim.replace("interview_ahead", "another_interview") in found.bench.tests[file]


# --- writing
def disabled(bench: PackBench, rule: str) -> PackBench:
    """The bench with one rule gone."""
    text = next(bench.text(file) for file in bench.files if f"\n  {rule}:\n" in bench.text(file))
    file = next(file for file in bench.files if bench.text(file) == text)
    lines = text.splitlines(keepends=True)
    start = lines.index(f"  {rule}:\n")
    end = author.rule_at(bench, file, start + 1)["end_line"]
    texts = bench.state.texts.under({file: "".join(lines[:start] + lines[end:])})
    return bench.with_texts(texts, bench.tests, bench.situations)


SITUATION = PACK / "examples" / "may.yaml"


@pytest.mark.slow
@pytest.mark.parametrize("of", [None, Wanted.of("hand_over"), Wanted.of("send_reminder")])
def test_a_test_of_what_is_shown_passes_and_fails_without_the_rule_it_rests_on(
    pack: Path, bench: PackBench, of: Wanted | None
) -> None:
    document = read_document(SITUATION.read_text("utf-8"), str(SITUATION))
    file = str(pack / "tests" / "steps.yaml")
    options = Options(today=today)
    found = author.make_test(bench, "As it is in May 🙂", file, document, options, of)
    assert found["name"] == "as-it-is-in-may"
    assert found["file"] == file
    assert found["text"].startswith(bench.text(file).rstrip("\n"))
    assert found["text"].splitlines()[found["line"] - 1] == "  as-it-is-in-may:"
    assert found["rules"]
    tested = bench.with_texts(bench.state.texts, {file: found["text"]}, {})
    assert all(tested.result(one).passed for one in tested.scenarios)
    advising = [r for r in found["rules"] if bench.loaded.pack.rules[r].head == "recommend"]
    assert advising
    for rule in advising:
        without = disabled(tested, rule)
        try:
            mine = [one for one in without.scenarios if one.id == "as-it-is-in-may"]
        except InvalidInput:  # the test names the rule
            continue
        assert not all(without.result(one).passed for one in mine), rule


def test_a_test_is_put_into_a_new_file_under_a_name_that_is_free(pack: Path, bench: PackBench) -> None:
    alone = bench.with_texts(bench.state.texts, {}, {})
    document = read_document(SITUATION.read_text("utf-8"), str(SITUATION))
    first = author.make_test(alone, "In May", None, document, Options(today=today))
    assert first["file"] == str(pack / "tests" / "situations.yaml")
    assert first["text"].startswith("tests:\n  in-may:\n")
    again = alone.with_texts(alone.state.texts, {first["file"]: first["text"]}, {})
    assert author.make_test(again, "In May", None, document, Options(today=today))["name"] == "in-may-2"


def test_a_new_file_has_its_schema_and_a_name_of_its_own(pack: Path, bench: PackBench) -> None:
    found = author.new_file(bench, "tests", "more-tests")
    assert found["file"] == str(pack / "tests" / "more-tests.yaml")
    assert found["text"] == "# yaml-language-server: $schema=../.followcue/tests.schema.json\ntests:\n"
    for kind, name in (("rules", "reminders"), ("rules", "../x"), ("vocabulary", "words")):
        with pytest.raises(InvalidInput):
            author.new_file(bench, kind, name)


def test_a_change_between_two_texts_makes_the_one_of_the_other() -> None:
    texts = ["", "a", "🙂\nb: c\n", "🙂\r\nb: d\r\ne", "\ufeffa: 🙂\nb: c\n", "\ufeffa: 🙂\nb: c\nb: c\n"]
    for before in texts:
        for after in texts:
            if before.startswith("\ufeff") == after.startswith("\ufeff"):
                changed = with_changes({"x": before}, changes_between("x", before, after))
                assert changed == {"x": after}
