"""Packs that come with followcue and are laid over the base pack on request, by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import followcue
from followcue import cli
from followcue.language.folders import (
    SHIPPED_PACK,
    RuleFolder,
    UnknownPack,
    read_folder,
    shipped_folder,
    shipped_layer_names,
)
from followcue.language.stacking import layers_of
from followcue.testing.traceability.traced_pack import traced_pack

ROOT = Path(__file__).parents[1]
PACK = "common-practice"
LATE = """
as_of: 2026-06-20
applications:
  acme:
    company: Acme
    role: Clerk
    contacts: {ann: {name: Ann, email: ann@acme.example}}
    events: [{date: 2026-06-01, event: interview, with: [ann]}]
"""

OPEN_ENDS = """
as_of: 2026-06-20
applications:
  acme:
    company: Acme
    role: Clerk
    contacts: {ann: {name: Ann Lee}}
    events: [{date: 2026-06-01, event: interview, with: [ann]}]
  birch:
    company: Birch
    role: Driver
    events: [{date: 2026-06-15, event: offer_received, answer_by: 2026-06-27}]
  cedar:
    company: Cedar
    role: Fitter
    events:
      - {date: 2026-06-05, event: offer_received}
      - {date: 2026-06-08, event: contract_promised, by: 2026-06-15}
  dune:
    company: Dune
    role: Planner
    events:
      - {date: 2026-06-10, event: interview}
      - {date: 2026-06-10, event: timeline_promised, by: 2026-06-30}
      - {date: 2026-06-10, event: assessment_received, id: task, by: 2026-06-18}
  ember:
    company: Ember
    role: Buyer
    events: [{date: 2026-06-01, event: offer_received}, {date: 2026-06-02, event: offer_declined}]
  flint:
    company: Flint
    role: Buyer
    events: [{date: 2026-06-01, event: offer_received}, {date: 2026-06-15, event: offer_rescinded}]
"""


@pytest.fixture(autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """One cache for all tests of this file, and none of the user's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


def run(*arguments: str, text: str = LATE) -> Result:
    return CliRunner().invoke(cli.main, arguments, input=text)


@pytest.mark.slow
def test_a_pack_adds_its_advice_with_and_without_a_warm_cache() -> None:
    for _ in range(2):
        assert "Send your thank-you, late as it is" in run("evaluate", "-", "--more", "--pack", PACK).stdout
        assert "late as it is" not in run("evaluate", "-").stdout


def test_the_python_interface_takes_names_too() -> None:
    report = followcue.evaluate(LATE, followcue.load_pack(packs=(PACK, PACK)))
    assert "send_late_thank_you" in {action.action for action in report.actions}


def test_packs_lie_above_the_lowest_pack_and_below_the_folders(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("disable: [a-late-thank-you]\n", encoding="utf-8")
    mine, base = read_folder(tmp_path), read_folder(ROOT / "rules" / SHIPPED_PACK)
    common = shipped_folder(PACK)

    def names(*folders: RuleFolder) -> list[str]:
        return [layer.name for layer in layers_of(shipped_folder(), folders, [common])]

    assert names(mine) == [SHIPPED_PACK, PACK, mine.name]
    assert names(base, mine) == [SHIPPED_PACK, PACK, mine.name]
    assert "late as it is" not in run("evaluate", "-", "--pack", PACK, "--rules", str(tmp_path)).stdout


def _folder(path: Path, vocabulary: str) -> RuleFolder:
    path.mkdir()
    (path / "vocabulary.yaml").write_text(vocabulary, encoding="utf-8")
    return read_folder(path)


def test_a_pack_is_refused_on_another_one_than_it_was_written_for(tmp_path: Path) -> None:
    library = _folder(tmp_path / "library", "pack: {name: lending}\nsituation: {}\n")
    result = run("evaluate", "-", "--rules", str(tmp_path / "library"), "--pack", PACK)
    assert result.exit_code == 3
    assert f": FC324: `{PACK}` lies on `{SHIPPED_PACK}`, which is not below it" in result.stderr
    assert "below it: `lending`" in result.stderr
    assert result.stderr.count("FC") == 1
    more = _folder(tmp_path / "more", "pack: {name: more, lies on: lending}\n")
    names = [layer.name for layer in layers_of(shipped_folder(), [library, more])]
    assert names == ["library", "more"]
    with pytest.raises(followcue.InvalidInput, match="FC324"):
        layers_of(shipped_folder(), [more, library])
    alone = _folder(tmp_path / "alone", "pack: {name: alone, lies on: lending}\nsituation: {}\n")
    with pytest.raises(followcue.InvalidInput, match=r"lay it on `lending`$"):
        layers_of(shipped_folder(), [alone])


def test_a_pack_without_a_name_is_known_by_its_folder(tmp_path: Path) -> None:
    library = _folder(tmp_path / "library", "situation: {}\n")
    more = _folder(tmp_path / "more", "pack: {name: more, lies on: library}\n")
    odd = _folder(tmp_path / "odd", "pack: {lies on: [\n")  # which is told when its files are read
    assert len(layers_of(shipped_folder(), [library, more, odd])) == 3


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("common-practise", "did you mean `common-practice`?"),
        ("nonsense", "these come with followcue: common-practice"),
        ("../rules/common-practice", "there is no pack"),
        (SHIPPED_PACK, "leave it out"),
        ("", "there is no pack"),
    ],
)
@pytest.mark.parametrize(
    "command",
    [("evaluate", "-"), ("draft", "send_thank_you", "-"), ("test",), ("sources",)],
    ids=lambda c: c[0],
)
def test_an_unknown_pack_is_wrong_usage(command: tuple[str, ...], name: str, said: str) -> None:
    result = run(*command, "--pack", name)
    assert result.exit_code == 2
    assert said in result.stderr
    assert not result.stdout


def test_an_unknown_pack_is_an_exception_of_its_own() -> None:
    assert shipped_layer_names() == (PACK,)
    with pytest.raises(UnknownPack, match="common-practice"):
        followcue.load_pack(packs=["common"])


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("send_late_thank_you", "Dear Ann Lee,"),
        ("ask_for_more_time", "27 June? If"),
        ("chase_contract", "The contract has not reached me yet"),
        ("explain_late_assessment", "my task for the role of Planner is late"),
        ("recontact_company", "I declined your offer for the role of Buyer"),
    ],
)
def test_every_message_of_the_pack_can_be_drafted(action: str, said: str) -> None:
    result = run("draft", action, "-", "--pack", PACK, "--me", "Robin Vale", text=OPEN_ENDS)
    assert result.exit_code == 0, result.output
    assert said in result.stdout


def test_messages_are_for_actions_of_the_pack() -> None:
    folder = ROOT / "rules" / PACK / "messages"
    names = {path.name.removesuffix(".txt.j2") for path in folder.iterdir()}
    known = followcue.load_pack(packs=[PACK]).pack.vocabulary.actions
    assert names <= set(known) - set(followcue.load_pack().pack.vocabulary.actions)


@pytest.mark.slow
def test_every_item_has_a_rule_and_every_rule_a_test() -> None:
    found = traced_pack(packs=[PACK]).found
    base = set(traced_pack().found.gaps)
    assert not set(found.gaps) - base


def test_a_rule_that_only_gives_way_keeps_its_own_sources() -> None:
    """Whoever asks for the pack still reads the five sources' advice as theirs, and the pack's as its own."""
    loaded = followcue.load_pack(packs=[PACK]).pack
    base = followcue.load_pack().pack
    for rule_id, rule in loaded.rules.items():
        of_the_pack = {cited.source == PACK for cited in rule.cites}
        assert of_the_pack == {True} if rule_id not in base.rules else rule.cites == base.rules[rule_id].cites
