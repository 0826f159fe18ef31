"""One session a task: `nox -s lint`; `nox` alone runs those that every change must pass."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import nox

nox.options.sessions = ["lint", "types", "tests"]
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_missing_interpreters = False

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
LOCKED = ("-c", "constraints/locked.txt")
PAGES = ["readme", "language_page", "embedding_page", "drafts", "tests_page", "from_any_language"]
LOCKED_EXTRAS = ("dev", "spark", "site", "package", "conformance")
LINK_COMPILED = """
import os, pathlib
import followcue.evaluation.advice.advise as module
assert not module.__file__.endswith(".py"), module.__file__
os.symlink(pathlib.Path(module.__file__).parents[2], "engine/followcue")
"""


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The tests, on every Python that is there: `nox -s tests-3.12 -- -k durable`."""
    session.install(*LOCKED, "-e", ".[test]")
    session.run("pytest", *session.posargs)


@nox.session
def compiled(session: nox.Session) -> None:
    """The tests on a wheel compiled by mypyc, which stands in for the engine: `-- -k advice`."""
    session.install(*LOCKED, "build")
    with TemporaryDirectory() as folder:
        build = ("python", "-m", "build", "--wheel", "--outdir", folder)
        session.run(*build, env={"HATCH_BUILD_HOOK_ENABLE_CUSTOM": "1"}, silent=True)
        (wheel,) = Path(folder).glob("*.whl")
        session.install("--force-reinstall", "--no-deps", str(wheel))
        session.install(*LOCKED, f"{wheel}[test]")
        copy = Path(folder, "copy")
        shutil.copytree(".", copy, ignore=shutil.ignore_patterns(".*", "engine"))
        (copy / "engine").mkdir()
        with session.chdir(copy):
            session.run("python", "-c", LINK_COMPILED)
            session.run("pytest", *session.posargs)


@nox.session
def rules(session: nox.Session) -> None:
    """The scenarios beside the shipped rules: `nox -s rules -- --coverage`."""
    session.install(*LOCKED, "-e", ".")
    session.run("followcue", "test", *session.posargs)


@nox.session
def mutation(session: nox.Session) -> None:
    """Small changes of the shipped rules, and which of them no scenario notices: takes minutes."""
    session.install(*LOCKED, "-e", ".")
    usual = ("--mutate", "--coverage", "--jobs", "2", "--tries", "200")
    session.run("followcue", "test", *usual, "--min-score", "95", *session.posargs)
    session.run("followcue", "test", "--pack", "common-practice", *usual, *session.posargs)


@nox.session
def large(session: nox.Session) -> None:
    """The tests that take minutes: thousands of random programs and situations."""
    session.install(*LOCKED, "-e", ".[test]")
    session.run("pytest", "-m", "large", *session.posargs)


@nox.session
def lock(session: nox.Session) -> None:
    """Choose the versions in constraints/ anew: the newest of today, and the lowest that are allowed."""
    session.install("uv>=0.9")
    for file, *options in (
        ("locked.txt", *(word for extra in LOCKED_EXTRAS for word in ("--extra", extra))),
        ("lowest.txt", "--extra", "test", "--resolution", "lowest-direct"),
    ):
        how = ("--universal", "--python-version", "3.11", "--upgrade", "--no-annotate", "--quiet")
        told = ("--custom-compile-command", "nox -s lock")
        output = ("-o", f"constraints/{file}")
        session.run("uv", "pip", "compile", "pyproject.toml", *how, *told, *options, *output)


@nox.session
def lint(session: nox.Session) -> None:
    """Style, formatting, and who may import whom: `nox -s lint -- --fix` repairs what can be repaired."""
    session.install(*LOCKED, "-e", ".[dev]")
    session.run("ruff", "check", *session.posargs)
    session.run("ruff", "format", *([] if "--fix" in session.posargs else ["--check"]))
    session.run("lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """Types, strictly."""
    session.install(*LOCKED, "-e", ".[dev]")
    session.run("mypy")


@nox.session
def pages(session: nox.Session) -> None:
    """Run every example in the pages and follow their links; `-- --rebaseline` writes what comes out."""
    session.install(*LOCKED, "-e", ".[test]")
    tests = (f"tests/test_{page}.py" for page in PAGES)
    session.run("pytest", "-m", "not large and not spark and not programs", *tests, *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Make the site of all pages in `site/`; a link that leads nowhere, or any other doubt, ends it.

    With npm on this machine, the page to try it on is made beside it, in `site/try/`, and linked.
    """
    session.install(*LOCKED, "-e", ".[person,site]")
    (made,) = session.posargs or ["site"]
    npm = shutil.which("npm")
    how = ("-W", "--keep-going", "-j", "2", "-q", "-c", "docs/site", *(("-t", "try") if npm else ()))
    session.run("sphinx-build", *how, ".", made)
    if not npm:
        session.warn("there is no npm here: the site has no page to try it on")
        return
    packages = Path(session.create_tmp()).resolve()
    for file in ("package.json", "package-lock.json"):
        shutil.copy(f"tests/pyodide/{file}", packages)
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund")
    session.run(npm, "ci", *quiet, "--prefix", str(packages), external=True)
    session.run("followcue", "site", "-o", f"{made}/try", "--pyodide", f"{packages}/node_modules/pyodide")


@nox.session
def conformance(session: nox.Session) -> None:
    """Ask the service whatever its OpenAPI document allows and forbids, with schemathesis: some minutes."""
    session.install(*LOCKED, "-e", ".[conformance]")
    session.run("python", "tests/conformance/run.py", *session.posargs)


@nox.session
def package(session: nox.Session) -> None:
    """Build what is released into `dist/` and look at it: metadata, contents, parts and their licences."""
    shutil.rmtree("dist", ignore_errors=True)
    session.install(*LOCKED, ".[package]")
    session.run("python", "-m", "build", "--outdir", "dist", silent=True)
    (wheel,) = Path("dist").glob("*.whl")
    session.run("twine", "check", "--strict", *map(str, Path("dist").iterdir()))
    session.run("check-wheel-contents", str(wheel))
    session.run("python", "-m", "venv", "--clear", (used := session.create_tmp()) + "/used")
    python = f"{used}/used/bin/python"
    session.run(python, "-m", "pip", "install", "-q", *LOCKED, f"{wheel}[all,mcp]", external=True)
    session.run(
        "cyclonedx-py",
        "environment",
        python,
        "--output-reproducible",
        "--pyproject",
        "pyproject.toml",
        "-o",
        "dist/sbom.cdx.json",
    )
    texts = ("--with-license-file", "--no-license-path", "--format", "plain-vertical")
    session.run(
        "pip-licenses",
        "--python",
        python,
        *texts,
        "--ignore-packages",
        "followcue",
        "--output-file",
        "dist/THIRD-PARTY.txt",
    )


@nox.session
def bench(session: nox.Session) -> None:
    """Measure everything in one run: `nox -s bench -- --quick`."""
    session.install(*LOCKED, "-e", ".[durable]")
    session.run("python", "benchmarks/run.py", *session.posargs)


@nox.session
def peers(session: nox.Session) -> None:
    """Measure against other engines, and write docs/performance.md: `nox -s peers -- --quick` only looks."""
    session.install("-e", ".", "-r", "benchmarks/peers/requirements.txt")
    session.run("python", "benchmarks/peers.py", *session.posargs)
    session.run("python", "benchmarks/report.py")


@nox.session
def ci(session: nox.Session) -> None:
    """All that a change goes through before it is taken in, in fresh environments."""
    session.run("bash", ".ci/run", external=True)
