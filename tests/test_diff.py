"""`followcue diff`: every edit is told, every change of advice found, and the right edit blamed for it."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from followcue.authoring.versions.compare import Compared, compare
from followcue.authoring.versions.mix import Mixer
from followcue.authoring.versions.named_situations import NamedSituation, made_up
from followcue.authoring.versions.pack_edits import PackEdit, pack_edits
from followcue.authoring.versions.report_changes import changes, entries
from followcue.cli import main
from followcue.evaluation.pipeline import LoadedPack, evaluate_facts, load_pack
from followcue.language.documents.document import Document
from followcue.synthesis.sampling import situations
from packs_at_hand import LIBRARY, write_pack

EMMA = {
    "as_of": "2026-03-14",
    "loans": {
        "emma": {
            "book": "Emma",
            "readers": {"ann": {"name": "Ann"}},
            "events": [{"date": "2026-02-20", "event": "lent", "to": "ann", "until": "2026-03-10"}],
        }
    },
}

REMIND_IF = "      - out: {to: $reader, until: $day}\n    recommend:"

EDITS = {
    "open": ("$day + grace", "$day + 1 day"),
    "due": ("$day + 1 week", "$day + 2 weeks"),
    "condition": (REMIND_IF, REMIND_IF.replace("\n", "\n      - loan: {kind: novel}\n", 1)),
    "bound": ("at least max_reminders", "more than max_reminders"),
    "removed": (REMIND_IF, "      - lent: {to: $reader, until: $day}\n    recommend:"),
    "done": ("done_when: {reminded: {date: on or after $day}}", "done_when: {reminded: {date: after $day}}"),
    "parameter": ("value: 3 days", "value: 5 days"),
    "profile": ("{strict: 0 days}", "{strict: 2 days}"),
    "priority": ("priority: high", "priority: low"),
    "title": ("title: Phone the reader}", "title: Call the reader}"),
    "default": ("{says: Ask at once.}", "{says: Ask at once., default: true}"),
}


def edited(*names: str) -> dict[str, str]:
    files = dict(LIBRARY)
    for name in names:
        before, after = EDITS[name]
        assert any(before in text for text in files.values()), name
        files = {file: text.replace(before, after) for file, text in files.items()}
    if "default" in names:
        files["vocabulary.yaml"] = files["vocabulary.yaml"].replace("late., default: true", "late.")
    return files


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> LoadedPack:
    return load_pack(write_pack(tmp_path_factory.mktemp("packs") / "old", LIBRARY), cache=False)


@pytest.fixture
def load(tmp_path: Path) -> Any:
    def loaded(files: dict[str, str]) -> LoadedPack:
        return load_pack(write_pack(tmp_path / "new", files), cache=False)

    return loaded


def asked(data: dict[str, Any]) -> list[NamedSituation]:
    return [NamedSituation("emma", Document.of(data))]


def compared(old: LoadedPack, new: LoadedPack, data: dict[str, Any] = EMMA) -> Compared:
    return compare(old, new, pack_edits(old, new), asked(data))


def said(found: tuple[PackEdit, ...]) -> list[str]:
    return [str(edit) for edit in found]


# --- edits
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("open", "rule `remind-of-late-book`: `open` was $day + grace, is $day + 1 day"),
        ("condition", "rule `remind-of-late-book`: the condition `loan: {kind: novel}` is new"),
        (
            "bound",
            "rule `phone-at-last`: the condition `where: $n at least max_reminders` "
            "is now `where: $n more than max_reminders`",
        ),
        (
            "done",
            "rule `remind-of-late-book`: `done_when` was reminded: {date: on or after $day}, "
            "is reminded: {date: after $day}",
        ),
        ("parameter", "parameter `grace`: the value was 3 days, is 5 days"),
        ("profile", "parameter `grace`: for `strict` it was 0 days, is 2 days"),
        ("priority", "action `remind`: `priority` was high, is low"),
        ("default", "profile `strict`: it is the default, which was `friendly`"),
    ],
)
def test_each_edit_in_a_sentence(old: LoadedPack, load: Any, name: str, told: str) -> None:
    assert said(pack_edits(old, load(edited(name)))) == [told]


def test_a_condition_that_is_another_one(old: LoadedPack, load: Any) -> None:
    assert said(pack_edits(old, load(edited("removed")))) == [
        "rule `remind-of-late-book`: the condition `out: {to: $reader, until: $day}` is gone",
        "rule `remind-of-late-book`: the condition `lent: {to: $reader, until: $day}` is new",
    ]


def test_rules_and_words_that_come_and_go(old: LoadedPack, load: Any) -> None:
    files = dict(LIBRARY)
    files["vocabulary.yaml"] = files["vocabulary.yaml"].replace(
        "  returned: {says: The book is back.}\n",
        "  returned: {says: The book is back.}\n  lost: {says: The book is lost., fields: {costs: number}}\n",
    )
    start = files["rules.yaml"].index("  count-when-much-is-out")
    files["rules.yaml"] = files["rules.yaml"][:start] + (
        "  a-lost-book: {title: Phone, cites: [own default], when: [lost], recommend: {action: phone}}\n"
    )
    assert said(pack_edits(old, load(files))) == [
        "rule `a-lost-book`: the rule is new (recommend: phone)",
        "rule `count-when-much-is-out`: the rule is gone (recommend: count_books)",
        "event `lost`: it is new",
    ]


def test_order_is_no_edit(old: LoadedPack, load: Any) -> None:
    head, *rules = LIBRARY["rules.yaml"].split("\n  ")
    names = [number for number, line in enumerate(rules) if not line.startswith(" ") and line.endswith(":")]
    parts = [rules[start:end] for start, end in zip(names, [*names[1:], len(rules)], strict=True)]
    turned = "\n  ".join([head, *(line.rstrip("\n") for part in reversed(parts) for line in part)]) + "\n"
    assert turned != LIBRARY["rules.yaml"]
    assert pack_edits(old, load({**LIBRARY, "rules.yaml": turned})) == ()


# --- blame
def test_each_field_is_blamed_on_the_edit_that_made_it(old: LoadedPack, load: Any) -> None:
    found = compared(old, load(edited("open", "priority", "bound")))
    (difference,) = found.kept
    (each,) = difference.changes
    assert each.change.fields == ("open", "priority")
    assert {part: [e.facet for (e,) in groups] for part, groups in each.blame.parts.items()} == {
        "open": ["head.open"],
        "priority": ["priority"],
    }
    assert [edit.name for edit in found.edits if not found.blamed[edit]] == ["phone-at-last"]


def test_a_loss_that_either_edit_alone_brings_about(old: LoadedPack, load: Any) -> None:
    files = edited("condition")
    files["rules.yaml"] = files["rules.yaml"].replace(
        "- newest lent: {to: $reader, until: $day, at: $at}",
        "- newest lent: {to: $reader, until: $day, at: $at}\n      - no stocktaking: {loan: absent}",
    )
    data = {**EMMA, "events": [{"date": "2026-03-01", "event": "stocktaking"}]}
    (difference,) = compared(old, load(files), data).kept
    lost = difference.changes[-1]
    assert lost.change.kind == "lost"
    assert sorted(edit.name for (edit,) in lost.blame.parts[""]) == ["a-book-is-out", "remind-of-late-book"]


def test_a_gain_that_takes_several_edits_together(old: LoadedPack, load: Any) -> None:
    files = dict(LIBRARY)
    files["vocabulary.yaml"] = files["vocabulary.yaml"].replace(
        "conclusions:\n", "conclusions:\n  long_out: {says: It is out for long.}\n"
    )
    files["rules.yaml"] += (
        "  out-for-long:\n    cites: [own default]\n    when: [lent: {date: before today - 2 weeks}]\n"
        "    conclude: long_out\n"
        "  phone-for-long:\n    title: Phone\n    cites: [own default]\n    when: [long_out]\n"
        "    recommend: {action: phone}\n"
    )
    (difference,) = compared(old, load(files)).kept
    (gained,) = difference.changes
    assert (gained.change.kind, gained.change.key.name) == ("gained", "phone")
    (group,) = gained.blame.parts[""]
    assert sorted(edit.name for edit in group) == ["out-for-long", "phone-for-long"]


def test_a_situation_with_new_words_is_put_to_the_old_rules_as_well(old: LoadedPack, load: Any) -> None:
    files = dict(LIBRARY)
    files["vocabulary.yaml"] = files["vocabulary.yaml"].replace(
        "  returned: {says", "  lost: {says: The book is lost.}\n  returned: {says"
    )
    files["rules.yaml"] += (
        "  a-lost-book: {title: Phone, cites: [own default], when: [lost], recommend: {action: phone}}\n"
    )
    data = json.loads(json.dumps(EMMA))
    data["loans"]["emma"]["events"].append({"date": "2026-03-11", "event": "lost"})
    found = compared(old, load(files), data)
    ((each,),) = [difference.changes for difference in found.kept]
    assert (each.change.kind, each.change.key.name) == ("gained", "phone")
    assert [edit.name for edit in each.blame.edits] == ["a-lost-book"]
    assert found.lone == 0


def test_what_else_is_special_about_a_gain_is_blamed_as_well(old: LoadedPack, load: Any) -> None:
    data = json.loads(json.dumps(EMMA))
    data["loans"]["emma"]["events"].append({"date": "2026-03-11", "event": "reminded"})
    files = edited("title", "parameter")
    files["vocabulary.yaml"] = files["vocabulary.yaml"].replace("value: 2,", "value: 1,")
    (difference,) = compared(old, load(files), data).kept
    gained = next(each for each in difference.changes if each.change.key.name == "phone")
    assert {part: [str(e) for (e,) in groups] for part, groups in gained.blame.parts.items()} == {
        "": ["parameter `max_reminders`: the value was 2, is 1"],
        "title": ["action `phone`: `title` was Phone the reader, is Call the reader"],
    }


def test_another_default_profile_is_blamed(old: LoadedPack, load: Any) -> None:
    (difference,) = compared(old, load(edited("default"))).kept
    assert [edit.facet for each in difference.changes for edit in each.blame.edits] == ["default"]


@pytest.mark.slow
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.sets(st.sampled_from(sorted(set(EDITS) - {"removed"})), min_size=1))
def test_all_edits_make_the_new_pack_and_every_change_is_blamed(
    old: LoadedPack, load: Any, names: set[str]
) -> None:
    new = load(edited(*sorted(names)))
    found = pack_edits(old, new)
    mixer = Mixer(old, new, found)
    all_of_them, none_of_them = mixer.mix(found), mixer.mix(())
    assert all_of_them is not None
    assert none_of_them is not None
    for data in islice(situations(new, 1), 10):
        assert advice(all_of_them, data) == advice(new, data)
        assert advice(none_of_them, data) == advice(old, data)
    outcome = compare(old, new, found, made_up(old, new, 10, 2))
    for difference in outcome.kept:
        for each in difference.changes:
            assert all(each.blame.parts.values())


def test_equal_reports_have_no_changes(old: LoadedPack) -> None:
    assert changes(advice(old, EMMA), advice(old, EMMA)) == ()


def advice(loaded: LoadedPack, data: dict[str, Any]) -> Any:
    situation = loaded.reader.read(Document.of(data), today=_never)
    return entries(evaluate_facts(loaded, situation).report, loaded.pack)


def _never(zone: str | None) -> Any:
    raise AssertionError


# --- the command
@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_pack(tmp_path / "old", LIBRARY)
    write_pack(tmp_path / "new", edited("open", "priority", "bound"))
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "emma.json").write_text(json.dumps(EMMA), encoding="utf-8")
    return tmp_path


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, ["diff", "old", "new", "--no-cache", *arguments])


def test_what_a_person_reads(folders: Path) -> None:
    result = run("--situations", "cases")
    assert result.exit_code == 1
    assert (
        result.output
        == """\
edits:
  1 rule `phone-at-last`: the condition `where: $n at least max_reminders` is now \
`where: $n more than max_reminders`
      - old/rules.yaml:24
      + new/rules.yaml:24
  2 rule `remind-of-late-book`: `open` was $day + grace, is $day + 1 day
      - old/rules.yaml:15
      + new/rules.yaml:15
  3 action `remind`: `priority` was high, is low
      - old/vocabulary.yaml:19
      + new/vocabulary.yaml:19

1 of 1 situation is advised otherwise
  cases/emma.json
    changes remind: loan emma, to ann
            open 2026-03-13 -> 2026-03-11 (by edit 2)
            priority high -> low (by edit 3)
edits without effect on these situations: 1
"""
    )


def test_the_same_advice_ends_with_0(folders: Path) -> None:
    write_pack(folders / "new", LIBRARY)
    result = run("--generated", "20")
    assert result.exit_code == 0
    assert result.output.startswith("edits: none\n")


def test_without_situations_those_of_the_tests_are_taken(folders: Path) -> None:
    result = run()
    assert result.exit_code == 1
    assert "2 of 2 situations are advised otherwise" in result.output
    assert "old/tests/late.yaml:8 on 2026-03-13" in result.output


def test_made_up_situations_are_added_to_those_of_the_tests(folders: Path) -> None:
    data = json.loads(run("--generated", "10", "--seed", "4", "--format", "json").output)
    assert 8 <= data["situations"]["asked"] <= 12
    made_up = [d for d in data["differences"] if d["name"].startswith("made up")]
    assert made_up
    assert all(difference["situation"]["as_of"] for difference in made_up)
    for side in ("old", "new"):
        (folders / side / "tests" / "late.yaml").unlink()
    assert run("--generated", "5").exit_code in (0, 1)
    assert "FC821" in run().output


def test_situations_in_all_kinds_of_files(folders: Path) -> None:
    (folders / "cases" / "more").mkdir()
    other = {**EMMA, "as_of": "2026-03-15"}
    lines = "\n".join(json.dumps(data) for data in (EMMA, other, {**EMMA, "as_of": "2026-03-16"}))
    (folders / "cases" / "more" / "all.jsonl").write_text(lines + "\n\n", encoding="utf-8")
    (folders / "cases" / "tests.yaml").write_text(LIBRARY["tests/late.yaml"], encoding="utf-8")
    result = run("--situations", "cases", "--format", "json")
    data = json.loads(result.output)
    assert data["situations"] == {"asked": 5, "changed": 5, "judged by one side": 0}
    assert "cases/more/all.jsonl:2" in {difference["name"] for difference in data["differences"]}


def test_a_situation_without_a_day(folders: Path) -> None:
    undated = {key: value for key, value in EMMA.items() if key != "as_of"}
    (folders / "cases" / "emma.json").write_text(json.dumps(undated), encoding="utf-8")
    result = run("--situations", "cases")
    assert result.exit_code == 3
    assert "FC820: this situation does not say which day it is" in result.output
    assert run("--situations", "cases", "--as-of", "2026-03-14").exit_code == 1


def test_a_folder_without_situations(folders: Path) -> None:
    (folders / "empty").mkdir()
    result = run("--situations", "empty")
    assert result.exit_code == 3
    assert "FC821" in result.output


def test_a_situation_that_neither_can_read(folders: Path) -> None:
    (folders / "cases" / "bad.yaml").write_text("as_of: 2026-01-01\nloans: [1]\n", encoding="utf-8")
    result = run("--situations", "cases")
    assert result.exit_code == 3
    assert "cases/bad.yaml:2:" in result.output


def test_a_situation_that_only_one_can_read(folders: Path) -> None:
    files = dict(LIBRARY)
    files["vocabulary.yaml"] = files["vocabulary.yaml"].replace(
        "fields: {name: text}}", "fields: {name: text}, require: [name]}"
    )
    write_pack(folders / "new", files)
    nameless = json.loads(json.dumps(EMMA))
    nameless["loans"]["emma"]["readers"]["ann"] = {}
    (folders / "cases" / "emma.json").write_text(json.dumps(nameless), encoding="utf-8")
    result = run("--situations", "cases")
    assert result.exit_code == 1
    assert "cases/emma.json: only the old rules can judge it" in result.output


def test_broken_rules_end_with_3(folders: Path) -> None:
    (folders / "new" / "rules.yaml").write_text("rules: [", encoding="utf-8")
    assert run("--situations", "cases").exit_code == 3


def test_layers_on_rules_that_both_lie_on(folders: Path) -> None:
    layer = (
        "rules:\n  not-for-cheap:\n    refines: remind-of-late-book\n    when: [loan: {kind: not novel}]\n"
    )
    nothing = "rules:\n  be-kind:\n    cites: [own default]\n    tip: {action: remind, do: [Be kind]}\n"
    write_pack(folders / "one", {"rules.yaml": nothing})
    write_pack(folders / "other", {"rules.yaml": nothing + layer.removeprefix("rules:\n")})
    result = CliRunner().invoke(
        main, ["diff", "one", "other", "--rules", "old", "--situations", "cases", "--no-cache"]
    )
    assert result.exit_code == 1
    assert "the condition `loan: {kind: not novel}` is new" in result.output
    assert "+ other/rules.yaml:7" in result.output
    assert "loses   remind: loan emma, to ann" in result.output


def test_markdown_is_a_table(folders: Path) -> None:
    result = run("--situations", "cases", "--format", "markdown")
    assert result.output.startswith("**1 of 1 situation is advised otherwise.**\n")
    assert (
        "| cases/emma.json | changes | remind: loan emma, to ann; open 2026-03-13 -> 2026-03-11"
        in result.output
    )
