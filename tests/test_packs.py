"""Packs that come with followcue and are laid over the base pack on request, by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import followcue
from followcue import cli
from followcue.folders import (
    SHIPPED_PACK,
    RuleFolder,
    UnknownPack,
    read_folder,
    shipped_folder,
    shipped_layer_names,
)
from followcue.stacking import layers_of

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


@pytest.fixture(autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """One cache for all tests of this file, and none of the user's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


def run(*arguments: str, text: str = LATE) -> Result:
    return CliRunner().invoke(cli.main, arguments, input=text)


def test_a_pack_adds_its_advice_with_and_without_a_warm_cache() -> None:
    for _ in range(2):
        assert "Send your thank-you, late as it is" in run("evaluate", "-", "--pack", PACK).stdout
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


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("common-practise", "did you mean `common-practice`?"),
        ("nonsense", "these come with followcue: common-practice"),
        ("../rules/common-practice", "there is no pack"),
        (SHIPPED_PACK, "there is no pack"),
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


def test_drafts_know_the_messages_of_a_pack() -> None:
    result = run("draft", "send_late_thank_you", "-", "--pack", PACK, "--me", "Robin Vale")
    assert result.exit_code == 0, result.output
    assert "Dear Ann" in result.stdout
