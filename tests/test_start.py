"""The start without click: what it imports, and that a line read by it means the same to the command."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from followcue.base.terminal import styled
from followcue.cli import main, start
from followcue.cli.commands.evaluate import evaluate_command

ROOT = Path(__file__).parents[1]
EXAMPLE = str(ROOT / "examples" / "rejected.yaml")
RULES = str(ROOT / "examples" / "packs" / "invoice-reminders")
INVOICES = f"{RULES}/examples/may.yaml"
PARAMS = {option: param for param in evaluate_command.params for option in param.opts}


@pytest.fixture(autouse=True)
def _collecting() -> Iterator[None]:
    """Garbage is collected again afterwards: the program ends without."""
    yield
    gc.unfreeze()
    gc.enable()


def ended(run: Callable[[], object], capfdbinary: Any) -> tuple[object, bytes, bytes]:
    """The exit code of the program, and what it writes."""
    code: object = 0
    try:
        run()
    except SystemExit as end:
        code = end.code or 0
    return (code, *capfdbinary.readouterr())


# --- what is imported
NEEDLESS = {
    *("click", "inspect", "uuid", "platform", "threading", "gettext", "dis", "ast"),
    *("json", "signal", "locale", "tempfile", "hashlib", "dataclasses", "subprocess", "logging", "pickle"),
    *("lark", "jsonschema", "followcue.cli.group", "followcue.cli.options", "followcue.cli.shell"),
    *("followcue.explain.wanted", "followcue.language.logic.compile_pack"),
}


@pytest.mark.parametrize("form", ["table", "markdown", "json"])
def test_the_commonest_line_imports_nothing_that_it_does_not_need(form: str, tmp_path: Path) -> None:
    # A cache of its own: other tests, at the same time, may push what it keeps out of that of the user.
    env = os.environ | {"XDG_CACHE_HOME": str(tmp_path)}
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'engine')!r})\n"
        f"sys.argv = ['followcue', 'evaluate', {EXAMPLE!r}, '--format', {form!r}]\n"
        "from followcue.cli.start import run\nrun()\nprint(*sys.modules, file=sys.stderr)"
    )
    for _ in range(2):  # the first may be a start without what an earlier one kept
        command = [sys.executable, "-c", program]
        result = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    loaded = set(result.stderr.split())
    assert "followcue.evaluation.pipeline" in loaded
    # JSON and Markdown are seldom asked by hand, and may take what they need.
    assert loaded & (NEEDLESS if form == "table" else {"click"}) == set()


def test_classes_of_values_cost_little_on_the_way(tmp_path: Path) -> None:
    """On the way of an evaluation nobody declares the costly kind of named tuple."""
    env = os.environ | {"XDG_CACHE_HOME": str(tmp_path)}
    begin = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'engine')!r})\n"
        f"sys.argv = ['followcue', 'evaluate', {EXAMPLE!r}]\n"
    )
    end = "from followcue.cli.start import run\nrun()"
    for between in ("", "import typing\ndel typing.NamedTuple\n"):  # the first fills the cache
        command = [sys.executable, "-c", begin + between + end]
        result = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
        if sys.version_info >= (3, 14):
            return
        assert (result.returncode, result.stderr) == (0, "")


# --- what is read
def test_every_option_that_is_read_here_is_one_of_the_command() -> None:
    for option, name in {**start.FLAGS, **start.VALUES}.items():
        param = PARAMS[option]
        assert isinstance(param, click.Option)
        assert (param.name, param.is_flag, param.nargs) == (name, option in start.FLAGS, 1)
        assert param.multiple == (name in start.MANY)
    form = PARAMS["--format"].type
    assert isinstance(form, click.Choice)
    assert set(start.FORMS) < set(form.choices)


WORDS = st.sampled_from(
    [
        *PARAMS,
        *("--", "-", "", "-h", "--help", "--more=1", "--as-of=2026-11-21", "-o", "x.html", "a=1"),
        *("2026-11-21", "2026-02-30", "yesterday", "20261121", "table", "json", "markdown", "html", "Table"),
        *("patient", "common-practice", "quarry", "Ä", "A\u0308", EXAMPLE, RULES, "nowhere.yaml", "nowhere/"),
    ]
)
LINES = st.lists(WORDS, max_size=4) | st.lists(
    st.one_of(
        st.sampled_from([[EXAMPLE], ["nowhere.yaml"], ["--more"], ["--all"], ["--no-cache"]]),
        st.tuples(st.sampled_from([*start.VALUES]), WORDS).map(list),
    ),
    max_size=5,
).map(lambda parts: [word for part in parts for word in part])


@given(words=LINES)
def test_a_line_that_is_read_here_means_the_same_to_the_command(words: list[str]) -> None:
    read = start.read_line(["evaluate", *words])
    if read is None:
        return
    params = evaluate_command.make_context("evaluate", list(words)).params
    usual = evaluate_command.make_context("evaluate", [EXAMPLE]).params
    assert {**usual, **read} == params


def test_the_commonest_lines_are_read() -> None:
    for words in (
        [EXAMPLE],
        [EXAMPLE, "--more", "--all"],
        ["--as-of", "2026-11-21", EXAMPLE, "--format", "json"],
        [INVOICES, "--rules", RULES, "--rules", RULES, "--pack", "common-practice", "--application", "a"],
    ):
        assert start.read_line(["evaluate", *words]) is not None, words
    for line in ([], ["evaluate"], ["plan", EXAMPLE], [EXAMPLE], ["evaluate", EXAMPLE, EXAMPLE]):
        assert start.read_line(line) is None, line


# --- what is answered


@pytest.mark.parametrize(
    "words",
    [
        ["evaluate", EXAMPLE],
        ["evaluate", EXAMPLE, "--more", "--all"],
        ["evaluate", EXAMPLE, "--format", "json", "--as-of", "2026-11-21"],
        ["evaluate", EXAMPLE, "--format", "markdown", "--profile", "patient"],
        ["evaluate", EXAMPLE, "--application", "Quarry Street Books"],
        ["evaluate", INVOICES, "--rules", RULES],
        ["evaluate", "{warned}"],
        # mistakes
        [],
        ["evaluate"],
        ["evaluate", "nowhere.yaml"],
        ["evaluate", str(ROOT)],
        ["evaluate", "{broken}"],
        ["evaluate", EXAMPLE, EXAMPLE],
        ["evaluate", EXAMPLE, "--profile", "nobody"],
        ["evaluate", EXAMPLE, "--application", "nowhere"],
        ["evaluate", EXAMPLE, "--application", "o"],
        ["evaluate", EXAMPLE, "--as-of", "yesterday"],
        ["evaluate", EXAMPLE, "--as-of", "0001-01-01"],
        ["evaluate", EXAMPLE, "--format", "Table"],
        ["evaluate", EXAMPLE, "--more", "--format", "json"],
        ["evaluate", EXAMPLE, "--rules", "nowhere"],
        ["evaluate", EXAMPLE, "--rules", EXAMPLE],
        ["evaluate", EXAMPLE, "--pack", "nothing"],
        ["evaluate", EXAMPLE, "--mroe"],
    ],
)
def test_the_answer_is_that_of_the_command(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: Any
) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("applications: [\n", "utf-8")
    warned = tmp_path / "warned.yaml"
    text = Path(EXAMPLE).read_text("utf-8")
    warned.write_text(text + "skip:\n  - {action: nothing_like_it, because: none}\n", "utf-8")
    words = [word.format(broken=broken, warned=warned) for word in words]
    monkeypatch.setattr(sys, "argv", ["followcue", *words])
    expected = ended(main, capfdbinary)
    assert ended(start.run, capfdbinary) == expected
    assert expected[1] or expected[2]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_an_output_that_fails_is_told_as_by_the_command() -> None:
    for line in (f"evaluate {EXAMPLE}", f"evaluate {EXAMPLE} --set max_attempts=3"):
        command = f"{sys.executable} {ROOT / 'cli.py'} {line} > /dev/full"
        result = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
        assert result.returncode == 2
        assert result.stderr.startswith("Error: cannot write to standard output: ")
        assert result.stderr.count("\n") == 1


def test_styles_are_those_of_click() -> None:
    for fg in ("red", "green", "yellow"):
        assert styled("a b", fg, "bold", "dim") == click.style("a b", fg=fg, bold=True, dim=True)
    assert styled("a", "bold") == click.style("a", bold=True)
