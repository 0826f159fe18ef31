"""The catalogue: sentences to the letter, examples from the tests, layers, pages that lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from click.testing import CliRunner, Result

from browser_looks import looked_at
from followcue import load_pack
from followcue.authoring.catalogue.gather import Catalogue, catalogue, page_of_rule, texts_of_items
from followcue.authoring.catalogue.neighbours import layers, neighbours
from followcue.authoring.catalogue.pages import pages
from followcue.authoring.catalogue.picture import MOST, of_rule
from followcue.authoring.catalogue.rule_sentence import sentence, text_of
from followcue.cli import main
from followcue.testing.find import find_tests
from followcue.testing.suite import read_suite, run_suite

ROOT = Path(__file__).parents[1]
PACKS = ROOT / "examples" / "packs"
INVOICES = PACKS / "invoice-reminders"
ANIMALS = PACKS / "animal-identification"

VOCABULARY = """\
situation:
  scope: loan
  whole: library
  records:
    loan: {in: loans, fields: {book: text}, says: A book that is lent.}
  events: [loans.events, events]
types: {state: {one of: [good, torn, wet]}}
sources: {us: {title: "Our <b>rules</b>", url: "https://us.example/?a=1&b=2"}}
items: {L1: {sources: [us], says: Remind people kindly.}}
events:
  lent: {says: It was lent., fields: {to: text, until: date}}
  returned: {says: It came back., fields: {state: state}}
  asked: {says: Somebody wants it., fields: {by: text}}
conclusions:
  out: {says: The book is out., fields: {day: date, who: text}}
  wanted: {says: So many want it., fields: {n: number}}
actions:
  remind: {title: Remind the reader}
  buy: {title: Buy another}
profiles: {calm: {default: true, says: Calm.}, strict: {says: Strict.}}
parameters:
  grace: {says: How long to wait., value: 3 days, profiles: {strict: 1 day}, cites: [us/L1]}
  many: {says: How many are many., value: 2, cites: [own default]}
"""
RULES = """\
rules:
  it-is-out:
    cites: [us]
    when:
      - newest lent: {until: $day, to: $who, at: $at}
      - no returned: {at: after $at}
    conclude: {out: {day: $day, who: $who}}
  it-is-wanted:
    cites: [us]
    when:
      - count asked as $n
      - where: $n at least many
    conclude: {wanted: {n: $n}}
  remind-of-it:
    title: Remind them <i>in time</i>
    cites: [us/L1, own default]
    when:
      - out: {day: $day, who: $who}
      - where: today on or after $day + grace
    recommend:
      action: remind
      to: $who
      open: $day + grace
      due: later of ($day, 2026-01-01)
      done_when: {returned: {date: after $day}}
  buy-another:
    title: Buy another of it
    cites: [own default]
    when:
      - any of:
          - [returned: {state: [torn, wet]}]
          - [wanted: {n: more than 3}, maybe asked: {by: present}]
    recommend: {action: buy}
  kindly:
    cites: [us/L1]
    tip: {action: remind, do: [Be kind], avoid: [Shouting]}
"""
SAID = {
    "it-is-out": (
        "For each loan: if looking at the newest lent and there is no returned after the day of the "
        "lent, conclude “out” with day the until of the lent and who the to of the lent."
    ),
    "it-is-wanted": (
        "For each loan: if counting every asked and the number of asked is at least many, conclude "
        "“wanted” with n the number of asked."
    ),
    "remind-of-it": (
        "For each loan: if there is an “out” and today is on or after grace after the day of the "
        "“out”, recommend: Remind the reader to the who of the “out”, from grace after the day of the"
        " “out”, by the later of the day of the “out” and 2026-01-01. It is settled once there is "
        "returned after the day of the “out”."
    ),
    "buy-another": (
        "For each loan: if either there is a returned with state torn or wet or there is a “wanted” "
        "with n more than 3 and with or without an asked with by, recommend: Buy another."
    ),
    "kindly": ("For each loan: add advice to: Remind the reader: Be kind; avoid: Shouting."),
}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments])


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library")
    (folder / "vocabulary.yaml").write_text(VOCABULARY, encoding="utf-8")
    (folder / "rules.yaml").write_text(RULES, encoding="utf-8")
    return folder


@cache
def catalogue_of(*folders: str) -> Catalogue:
    loaded = load_pack(*folders, cache=False)
    results = run_suite(read_suite(find_tests((), folders), loaded), loaded)
    return catalogue(loaded, results, texts_of_items(folders, ()))


@cache
def pages_of(*folders: str) -> dict[str, str]:
    return dict(pages(catalogue_of(*folders)))


@pytest.mark.parametrize("rule", SAID)
def test_a_rule_is_a_sentence(library: Path, rule: str) -> None:
    loaded = load_pack(library, cache=False)
    [found] = [one for one in loaded.rules if one.id == rule]
    assert text_of(sentence(found, loaded.pack.vocabulary)) == SAID[rule]


def test_what_a_sentence_names_it_refers_to(library: Path) -> None:
    loaded = load_pack(library, cache=False)
    [found] = [one for one in loaded.rules if one.id == "remind-of-it"]
    named = {(piece.sort, piece.name) for piece in sentence(found, loaded.pack.vocabulary) if piece.sort}
    assert named == {
        ("conclusion", "out"),
        ("parameter", "grace"),
        ("action", "remind"),
        ("event", "returned"),
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    "folders", [(), (str(INVOICES),), (str(ANIMALS),)], ids=["shipped", "invoices", "animals"]
)
def test_every_link_leads_to_a_place_on_a_page(folders: tuple[str, ...]) -> None:
    found = pages_of(*folders)
    ids = {name: set(re.findall(r' id="([^"]*)"', text)) for name, text in found.items()}
    assert all(len(re.findall(r' id="([^"]*)"', text)) == len(ids[name]) for name, text in found.items())
    for name, text in found.items():
        for link in re.findall(r'href="([^"]*)"', text):
            if link.startswith("https://"):  # where a source can be read
                assert name == "sources.html"
                continue
            page, _, anchor = unquote(link).partition("#")
            assert (page or name) in found, (name, link)
            assert not anchor or anchor in ids[page or name], (name, link)


@pytest.mark.slow
@pytest.mark.parametrize(
    "folders", [(), (str(INVOICES),), (str(ANIMALS),)], ids=["shipped", "invoices", "animals"]
)
def test_every_rule_has_a_page_with_an_example_that_fires_and_one_that_does_not(
    folders: tuple[str, ...],
) -> None:
    found, texts = catalogue_of(*folders), pages_of(*folders)
    rules = list(found.rules)
    assert {rule.info.id for rule in rules} == found.pack.rules.keys()
    assert all(page_of_rule(rule.info.id) in texts for rule in rules)
    assert [rule.info.id for rule in rules if rule.examples.fires is None] == []
    assert [rule.info.id for rule in rules if rule.examples.silent is None] == []
    pairs = [(one.examples.fires, one.examples.silent) for one in rules]
    assert all(silent and silent.outcome.startswith("this rule does not fire") for _, silent in pairs)
    alike = sum(bool(fires and silent and fires.test == silent.test) for fires, silent in pairs)
    assert alike > len(pairs) / 2, "most are of the same test"


@pytest.mark.slow
def test_an_example_is_as_small_as_the_tests_have_it_and_says_where_the_other_differs() -> None:
    [rule] = [one for one in catalogue_of().rules if one.info.id == "check-status-after-promise"]
    fires, silent = rule.examples.fires, rule.examples.silent
    assert fires is not None
    assert silent is not None
    assert [event.text for event in fires.events] == [
        "interview, with Ada",
        "timeline promised, by 2026-05-11, from Ada",
    ]
    assert fires.outcome == "recommended: Ask where things stand; Ada, Kiln; by Sun 2026-05-17, in 5 days"
    assert [event.text for event in silent.events if event.other] == [
        "status checked, channel email, outcome sent"
    ]


def test_all_lines_of_the_picture_go_to_the_right() -> None:
    loaded = load_pack(cache=False)
    near = neighbours(loaded.pack, loaded.program)
    found = layers(near, loaded.program)
    column = {name: place for place, names in enumerate(found.columns) for name in names}
    assert column.keys() >= near.makers.keys()
    assert found.links
    assert all(column[one] < column[other] for one, other in found.links)


def test_rules_in_a_circle_stand_in_one_column() -> None:
    loaded = load_pack(ANIMALS, cache=False)
    near = neighbours(loaded.pack, loaded.program)
    assert any(set(near.makes[rule]) & set(near.reads[rule]) for rule in near.makes), (
        "the pack has a recursive rule"
    )
    assert {name for names in layers(near, loaded.program).columns for name in names} >= near.makers.keys()


def test_a_picture_of_a_rule_with_many_neighbours_stays_small() -> None:
    loaded = load_pack(cache=False)
    near = neighbours(loaded.pack, loaded.program)
    busiest = max(near.makes, key=lambda rule: len(near.readers_of(near.makes[rule])))
    picture = of_rule(busiest, near, loaded.pack)
    assert len(near.readers_of(near.makes[busiest])) > MOST
    assert max(sum(box.x == other.x for other in picture.boxes) for box in picture.boxes) <= MOST
    assert any(re.fullmatch(r"and \d+ more", box.text) for box in picture.boxes)


def test_texts_of_the_author_stay_texts(library: Path) -> None:
    found = pages_of(str(library))
    everything = "".join(found.values())
    assert "<i>in time</i>" not in everything
    assert "Remind them &lt;i&gt;in time&lt;/i&gt;" in found[page_of_rule("remind-of-it")]
    assert "https://us.example/?a=1&amp;b=2" in found["sources.html"]
    assert "No test of this pack exercises the rule." in found[page_of_rule("remind-of-it")]


@pytest.mark.parametrize("name", ["index.html", "map.html", "rule-kindly.html", "parameters.html"])
def test_pages_ask_nobody_for_anything(library: Path, name: str) -> None:
    text = pages_of(str(library))[name]
    assert "default-src &#39;none&#39;" in text
    assert not re.search(r"<(link|img|iframe|object|form)\b| style=| on\w+=", text)
    assert len(re.findall("<script>", text)) == (name == "index.html")


def test_values_of_every_profile_are_told(library: Path) -> None:
    text = pages_of(str(library))[page_of_rule("remind-of-it")]
    assert '<th scope="col">calm</th><th scope="col">strict</th>' in text
    assert "<td>3 days</td><td>1 day</td><td>How long to wait.</td>" in text


# --- the command
@pytest.mark.slow
def test_the_command_writes_the_same_bytes_in_every_process(library: Path, tmp_path: Path) -> None:
    written = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        code = "import sys; from followcue.cli import main; main(sys.argv[1:])"
        command = [sys.executable, "-c", code, "docs", str(library), "-o", str(folder), "--no-cache"]
        subprocess.run(command, check=True, env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True)
        written.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert written[0] == written[1]
    assert {"index.html", "rule-kindly.html", "map.html"} <= written[0].keys()


def test_a_new_catalogue_takes_the_place_of_an_older_one_and_of_nothing_else(
    library: Path, tmp_path: Path
) -> None:
    out = tmp_path / "catalogue"
    first = run("docs", library, "-o", out)
    assert (first.exit_code, first.stdout) == (0, "")
    assert f"begin with {out / 'index.html'}" in first.stderr
    (out / "rule-gone.html").write_text("old", encoding="utf-8")
    assert run("docs", library, "-o", out).exit_code == 0
    assert not (out / "rule-gone.html").exists()
    strange = tmp_path / "letters"
    strange.mkdir()
    (strange / "index.html").write_text("my own", encoding="utf-8")
    refused = run("docs", library, "-o", strange)
    assert refused.exit_code == 2
    assert "holds something else than a catalogue" in refused.stderr
    assert [path.name for path in strange.iterdir()] == ["index.html"]


def test_coverage_is_told_where_it_is_asked_for(tmp_path: Path) -> None:
    out = tmp_path / "catalogue"
    assert run("docs", ANIMALS, "-o", out, "--coverage").exit_code == 0
    assert re.search(r"which see \d+ of \d+ \(\d+\.\d%\)", (out / "index.html").read_text(encoding="utf-8"))
    assert "of its points" in (out / page_of_rule("cheetah")).read_text(encoding="utf-8")


def test_rules_with_mistakes_are_told_and_nothing_is_written(library: Path, tmp_path: Path) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "rules.yaml").write_text("rules: 3", encoding="utf-8")
    done = run("docs", library, "--rules", tmp_path / "bad", "-o", tmp_path / "out")
    assert done.exit_code == 3
    assert not (tmp_path / "out").exists()


# --- in a browser
@pytest.fixture(scope="module")
def looks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("invoices")
    found = pages_of(str(INVOICES))
    for name, text in found.items():
        (folder / name).write_text(text, encoding="utf-8")
    rule = next(name for name in found if name.startswith("rule-"))
    wanted: dict[str, dict[str, Any]] = {
        f"{name} {width} {scheme}": {"do": "check", "page": folder / name, "width": width, "scheme": scheme}
        for name, width, scheme in (
            ("index.html", 320, "dark"),
            (rule, 320, "light"),
            (rule, 1100, "dark"),
            ("map.html", 1100, "light"),
            ("sources.html", 320, "light"),
        )
    }
    wanted["search"] = {"do": "search", "page": folder / "index.html", "text": "dispute"}
    wanted["nothing"] = {"do": "search", "page": folder / "index.html", "text": "no such thing"}
    wanted["no script"] = {"do": "plain", "page": folder / "index.html"}
    return dict(zip(wanted, looked_at(list(wanted.values())), strict=True))


@pytest.mark.programs
def test_no_page_stands_in_anybodys_way(looks: dict[str, Any]) -> None:
    checked = {name: look for name, look in looks.items() if "violations" in look}
    assert {name: look["violations"] for name, look in checked.items() if look["violations"]} == {}
    assert all(look["overflow"] <= 0 and look["passes"] > 15 for look in checked.values())


@pytest.mark.programs
def test_the_search_narrows_the_index(looks: dict[str, Any]) -> None:
    found, nothing = looks["search"], looks["nothing"]
    assert found["left"]
    assert all("dispute" in line.lower().replace("-", " ") for line in found["left"])
    assert found["told"] == f"{len(found['left'])} found"
    assert (nothing["told"], nothing["left"], nothing["headings"]) == ("0 found", [], [])
    assert found["complained"] == []
    assert all(address.startswith("file:") for address in found["asked"])


@pytest.mark.programs
def test_without_scripts_the_whole_index_is_there(looks: dict[str, Any]) -> None:
    assert "Actions" in looks["no script"]["text"]
    assert "Find a rule" not in looks["no script"]["text"]
