"""Packs that reload: edited rules are made ready and tested aside, and taken over in one step or not."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, NoReturn, Self, TypeAlias
from zlib import crc32

from followcue.base.diagnostic import Diagnostic, InvalidInput, sort_by_place
from followcue.base.extras import Unavailable, require
from followcue.base.limits import LimitExceeded
from followcue.evaluation.pipeline import LoadedPack, Options, evaluate, load_folders
from followcue.language.folders import RuleFolder, read_folder

if TYPE_CHECKING:
    from followcue.authoring.lint.lint_finding import LintFinding
    from followcue.authoring.versions.pack_edits import PackEdit
    from followcue.testing.run import Result

Folder: TypeAlias = str | os.PathLike[str]

SETTLED = 0.1
"""A change counts once nothing has changed for so many seconds: editors write in several steps."""

LOOK_AGAIN = 1.0
"""Folders are looked at after so many seconds even if nothing was heard: some changes make no noise."""


LOOKED_AT = (".yaml", ".yml", ".json", ".j2")
"""The endings of files that a pack is made of."""

ANY_DAY = date(2026, 1, 1)

FolderState: TypeAlias = Mapping[str, tuple[int, int]]
"""The length and a checksum of each file."""


class WatchUnavailable(Unavailable):
    """Folders cannot be watched here: the extra `watch` is not installed."""


class Reload(NamedTuple):
    """What came of changed files: another `pack`, or the one from before and the reasons in `diagnostics`.

    `edits` say how the meaning of the rules changed; there are none if only comments did. `fault` is an
    exception that nobody expected; the pack from before stays then as well.
    """

    pack: LoadedPack
    taken: bool
    edits: tuple[PackEdit, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    fault: Exception | None = None

    def __str__(self) -> str:
        if self.taken:
            return "\n".join(map(str, self.edits)) or "the rules mean what they meant"
        return "\n".join(map(str, self.diagnostics or (self.fault,)))


Tell: TypeAlias = Callable[[Reload], object]
"""What is told of each reload, in the thread that reloads."""


class ReloadingPack:
    """The newest pack of some folders that could be loaded and whose tests pass.

    `pack` is it: take it once for each evaluation, or for several that belong together, and they end with the
    rules that they began with. `reload_if_changed` looks at the folders; between `start` and `stop`, or as a
    context, a thread does.
    """

    def __init__(
        self,
        *folders: Folder,
        packs: Sequence[str] = (),
        cache: bool = True,
        tests: bool = True,
        checks: bool = True,
        on_reload: Tell | None = None,
    ) -> None:
        """The pack as `load_pack` gives it, and its exceptions; it is tested and checked when it changes."""
        if not folders:
            raise ValueError("name a folder to watch: the shipped rules do not change")
        self._folders = tuple(os.fspath(folder) for folder in folders)
        self._packs = tuple(packs)
        self._cache = cache
        self._tests = tests
        self._checks = checks
        self._tell = on_reload
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._seen = self._state()
        self._read = [read_folder(folder) for folder in self._folders]
        self._pack = load_folders(self._read, packs=self._packs, cache=cache)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a ReloadingPack stays in the process that watches the folders: hand on its `pack`")

    @property
    def pack(self) -> LoadedPack:
        """The rules in force."""
        return self._pack

    def reload_if_changed(self) -> Reload | None:
        """Takes over what has changed in the folders, if it can be; None where nothing has.

        Files that were found wanting are not looked at again until they change once more.
        """
        with self._lock:
            # Kept before anything is read: what changes meanwhile is found the next time.
            state = self._state()
            if state == self._seen:
                return None
            self._seen = state
            outcome = self._reload()
            self._pack = outcome.pack
        if self._tell:
            self._tell(outcome)
        return outcome

    # --- a thread that looks
    def start(self) -> Self:
        """Lets a thread watch the folders; raises `WatchUnavailable` without the extra `watch`."""
        require("watch", WatchUnavailable)  # the thread needs it, and an error should be seen here
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._watch, name="followcue-reload", daemon=True)
            self._thread.start()
        return self

    def stop(self) -> None:
        """Ends the thread, and waits until it has; the pack stays as it is."""
        self._stop.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
            self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def _watch(self) -> None:
        while not self._stop.is_set():
            try:
                for _ in self._noises():
                    self._take_over()
            except FileNotFoundError:  # a folder is gone; it may come back
                self._take_over()
                self._stop.wait(LOOK_AGAIN)

    def _noises(self) -> Iterator[object]:
        """Something whenever a file in the folders may have changed, and every now and then."""
        from watchfiles import watch

        return watch(
            *self._folders,
            watch_filter=None,
            debounce=200,
            step=20,
            stop_event=self._stop,
            rust_timeout=int(LOOK_AGAIN * 1000),
            yield_on_timeout=True,
            raise_interrupt=False,
        )

    def _take_over(self) -> None:
        """Reloads once the files have come to rest, and again if they changed meanwhile."""
        while not self._stop.is_set():
            state = self._state()
            if state == self._seen:
                return
            self._stop.wait(SETTLED)
            if self._state() == state:
                try:
                    self.reload_if_changed()
                except Exception:  # of who was told; to be seen, and no reason to watch no longer
                    threading.excepthook(
                        threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread()))
                    )

    # --- one reload
    def _reload(self) -> Reload:
        """The pack as it stands in the folders now, if it is fit to be taken over."""
        before = self._pack
        try:
            read = [read_folder(folder) for folder in self._folders]
            pack = load_folders(read, packs=self._packs, cache=self._cache)
            problems = (*self._failing(pack), *self._doubtful(before, pack))
            if problems:
                return Reload(before, False, diagnostics=sort_by_place(problems))
            warm(pack)
            edits = self._edits(before, pack, read)
        except InvalidInput as error:
            return Reload(before, False, diagnostics=error.diagnostics)
        except OSError as error:  # a file went away while it was read; it will be looked at again
            message = f"this cannot be read: {error.strerror or error}"
            return Reload(before, False, diagnostics=(Diagnostic("FC101", message, place=error.filename),))
        except Exception as fault:  # whatever it is, it must not bring down the rules in force
            return Reload(before, False, fault=fault)
        self._read = read
        return Reload(pack, True, edits)

    def _failing(self, pack: LoadedPack) -> tuple[Diagnostic, ...]:
        """The tests of the folders that fail."""
        if not self._tests:
            return ()
        from followcue.testing.find import find_tests
        from followcue.testing.suite import read_suite, run_suite

        results = run_suite(read_suite(find_tests((), self._folders), pack), pack)
        return tuple(_diagnostic(result) for result in results if not result.passed)

    def _doubtful(self, before: LoadedPack, pack: LoadedPack) -> tuple[Diagnostic, ...]:
        """The errors that the lints find in the folders, as far as they did not find them before."""
        if not self._checks:
            return ()
        known = {(finding.diagnostic.code, finding.rule) for finding in _errors(before)}
        return tuple(
            finding.diagnostic
            for finding in _errors(pack)
            if (finding.diagnostic.code, finding.rule) not in known and self._is_ours(finding.diagnostic)
        )

    def _is_ours(self, problem: Diagnostic) -> bool:
        """Whether a problem stands in one of the folders, and not in what lies below them."""
        place = problem.span.file if problem.span else problem.place or ""
        return any(folder.holds(place) for folder in self._read)

    def _edits(
        self, before: LoadedPack, after: LoadedPack, read: Sequence[RuleFolder]
    ) -> tuple[PackEdit, ...]:
        from followcue.authoring.versions.declared_places import places_in
        from followcue.authoring.versions.pack_edits import pack_edits

        places = places_in(self._read, self._packs), places_in(read, self._packs)
        return pack_edits(before, after, *places)

    def _state(self) -> FolderState:
        """What stands in the files of the folders and of the folders right inside them."""
        found: dict[str, tuple[int, int]] = {}
        for folder in self._folders:
            for where, inside, names in os.walk(folder):
                inside[:] = [name for name in inside if where == folder and not name.startswith(".")]
                for path in (os.path.join(where, name) for name in names if name.endswith(LOOKED_AT)):
                    if (content := _content(path)) is not None:
                        found[path] = (len(content), crc32(content))
        return found


def watch_pack(
    *folders: Folder,
    packs: Sequence[str] = (),
    cache: bool = True,
    tests: bool = True,
    checks: bool = True,
    on_reload: Tell | None = None,
) -> ReloadingPack:
    """The pack in `folders`, and a thread that takes over what changes in them; to be stopped, or a context.

    `folders`, `packs` and `cache` are as in `load_pack`, as are the exceptions. `tests`: whether the tests of
    the folders must pass; `checks`: whether `followcue check` must find no new error. `on_reload` is told of
    each reload. Raises `WatchUnavailable` without the extra.
    """
    require("watch", WatchUnavailable)
    made = ReloadingPack(*folders, packs=packs, cache=cache, tests=tests, checks=checks, on_reload=on_reload)
    return made.start()


def _errors(pack: LoadedPack) -> Iterator[LintFinding]:
    """What the lints call an error, but for what a rule allows itself."""
    from followcue.authoring.lint.check import LOGIC
    from followcue.authoring.lint.lint_context import LintContext

    context = LintContext(pack)
    for lint in LOGIC:
        for finding in lint(context):
            rule = context.rules.get(finding.rule or "")
            if finding.severity == "error" and not (rule and finding.diagnostic.code in rule.allow):
                yield finding


def _diagnostic(result: Result) -> Diagnostic:
    """That a test fails, with what it misses."""
    from followcue.testing.failures import said_of

    scenario = result.scenario
    _, *misses = said_of(result)
    message = f"the test `{scenario.id}` fails:\n" + "\n".join(misses)
    return Diagnostic("FC822", message, scenario.where.as_key().span, place=scenario.file)


def _content(path: str) -> bytes | None:
    """What stands in a file; None where there is none that can be read, or no longer."""
    try:
        if not os.path.isfile(path):  # a pipe would be waited for
            return None
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


def warm(pack: LoadedPack) -> None:
    """Makes what else the first evaluation would make, on a situation in which nothing has happened."""
    from followcue.language.documents.document import Document

    kinds = pack.pack.vocabulary.kinds.values()
    empty: dict[str, object] = {kind.path[0]: {} for kind in kinds if len(kind.path) == 1}
    document = Document.of({"as_of": ANY_DAY.isoformat(), **empty})
    with suppress(InvalidInput, LimitExceeded):
        evaluate(pack, document, Options(ANY_DAY))
