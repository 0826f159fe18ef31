"""The cache is believed only if it is the user's own and whole; without one, everything works as well."""

from __future__ import annotations

import marshal
import os
import pickle
import stat
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

from followcue.base import cache
from followcue.base.atomic import replace_file
from followcue.base.cache import CHECK_SIZE, MOST_ENTRIES, cache_folder, read_entry, write_entry
from followcue.evaluation import packed, pipeline
from followcue.evaluation.match.compiled import compile_program
from followcue.evaluation.packed import (
    code_bytes,
    key_of,
    key_of_code,
    pack_bytes,
    uncode_bytes,
    unpack_bytes,
)
from followcue.language.folders import RuleFolder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="permissions are told otherwise there")

KEY = b"k" * 64


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    return tmp_path / "followcue"


def entry(folder: Path) -> Path:
    (found,) = folder.glob("*.pack")
    return found


def test_what_is_kept_comes_back_and_is_the_users_alone(folder: Path) -> None:
    assert read_entry(KEY) is None
    write_entry(KEY, b"payload")
    assert read_entry(KEY) == b"payload"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(entry(folder).stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == [entry(folder).name], "nothing half written is left"


@pytest.mark.parametrize("damage", [b"", b"short", b"\0" * 400])
def test_a_damaged_entry_is_no_entry(folder: Path, damage: bytes) -> None:
    write_entry(KEY, b"payload")
    entry(folder).write_bytes(damage)
    assert read_entry(KEY) is None


@pytest.mark.parametrize("place", [0, CHECK_SIZE, CHECK_SIZE + 20, -1])
def test_one_flipped_bit_is_noticed(folder: Path, place: int) -> None:
    write_entry(KEY, b"payload")
    content = bytearray(entry(folder).read_bytes())
    content[place] ^= 1
    entry(folder).write_bytes(bytes(content))
    assert read_entry(KEY) is None


def test_an_entry_of_another_key_in_its_place_is_not_taken_for_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "_name", lambda key: "same.pack")
    for other in (KEY[:-1], KEY + b"k", b"K" + KEY[1:], b""):
        write_entry(other, b"payload")
        assert read_entry(KEY) is None
        assert read_entry(other) == b"payload"


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_that_others_may_write_is_not_trusted(folder: Path, mode: int) -> None:
    write_entry(KEY, b"payload")
    folder.chmod(mode)
    assert read_entry(KEY) is None
    entry(folder).unlink()
    write_entry(KEY, b"payload")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("mode", [0o660, 0o606])
def test_a_file_that_others_may_write_is_not_trusted(folder: Path, mode: int) -> None:
    write_entry(KEY, b"payload")
    entry(folder).chmod(mode)
    assert read_entry(KEY) is None


def test_what_belongs_to_somebody_else_is_not_trusted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_entry(KEY, b"payload")
    monkeypatch.setattr(os, "getuid", lambda: folder.stat().st_uid + 1)
    assert read_entry(KEY) is None


def test_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    write_entry(KEY, b"payload")
    elsewhere = entry(folder).rename(tmp_path / "elsewhere")
    (folder / cache._name(KEY)).symlink_to(elsewhere)
    assert read_entry(KEY) is None


@pytest.mark.parametrize("home", ["/dev/null", "/proc/nowhere"])
def test_where_nothing_can_be_written_there_is_no_cache(home: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", home)
    write_entry(KEY, b"payload")
    assert read_entry(KEY) is None


def test_a_user_without_a_home_has_no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/is/not/allowed")
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert cache_folder() is None
    write_entry(KEY, b"payload")
    assert read_entry(KEY) is None


@pytest.mark.parametrize(
    ("platform", "variable", "value", "expected"),
    [
        ("linux", "XDG_CACHE_HOME", "/x", "/x/followcue"),
        ("linux", "HOME", "/h", "/h/.cache/followcue"),
        ("darwin", "HOME", "/h", "/h/Library/Caches/followcue"),
        ("win32", "LOCALAPPDATA", "/l", "/l/followcue"),
    ],
)
def test_each_system_has_its_place(
    platform: str, variable: str, value: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv(variable, value)
    assert cache_folder() == expected


def test_old_entries_go(folder: Path) -> None:
    for number in range(MOST_ENTRIES + 3):
        key = f"{number:02}".encode()
        write_entry(key, b"payload")
        os.utime(folder / cache._name(key), (number, number))
    assert len(list(folder.iterdir())) == MOST_ENTRIES
    assert read_entry(b"00") is None


def test_the_key_depends_on_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = RuleFolder("rules", "rules/", {"a.yaml": b"1", "b.yaml": b"2"})
    others = [
        [folder._replace(origin="other/")],
        [folder._replace(files={"a.yaml": b"12", "b.yaml": b""})],
        [folder._replace(files={"a.yaml": b"2", "b.yaml": b"1"})],
        [folder, folder],
        [],
    ]
    keys = [key_of([folder]), *map(key_of, others)]
    for name, value in (("__version__", "9"), ("FORMAT", 99), ("_engine_state", lambda rooms: b"changed")):
        with monkeypatch.context() as patched:
            patched.setattr(packed, name, value)
            keys.append(key_of([folder]))
    with monkeypatch.context() as patched:
        patched.setattr(sys, "version", "3.99")
        keys.append(key_of([folder]))
    assert len(set(keys)) == len(keys)
    assert key_of([folder]) == keys[0]


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the rooms that the cache looks at, in place of the engine's own."""
    package = tmp_path / "followcue"
    for room in packed._ROOMS:
        own = Path(packed.__file__).parents[1] / room
        copytree(own, package / room, ignore=ignore_patterns("__pycache__"))
    monkeypatch.setattr(packed, "__file__", str(package / "evaluation" / "packed.py"))
    return package


def test_the_key_changes_with_every_module_of_the_engine(engine: Path) -> None:
    modules = sorted(path for path in engine.rglob("*") if path.is_file())
    assert {path.relative_to(engine).parts[0] for path in modules} == set(packed._ROOMS)
    seen = {key_of([])}
    for module in modules:
        written = module.stat().st_mtime_ns
        with module.open("ab") as file:
            file.write(b"\n")
        os.utime(module, ns=(written, written))
        seen.add(key_of([]))
        os.utime(module, ns=(written + 1, written + 1))
        seen.add(key_of([]))
    assert len(seen) == 1 + 2 * len(modules), "of another length, or written at another time"
    assert key_of([]) in seen


def test_the_key_changes_when_a_folder_of_the_engine_moves(engine: Path) -> None:
    seen = {key_of([])}
    for old, new in (
        ("language/logic", "language/meaning"),
        ("evaluation/match/compiled", "evaluation/compiled"),
        ("language/meaning", "base/meaning"),
    ):
        (engine / old).rename(engine / new)
        seen.add(key_of([]))
    (engine / "base" / "values.py").unlink()
    assert len({*seen, key_of([])}) == 5


def test_a_room_of_the_engine_that_cannot_be_looked_at_is_told(
    engine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        hidden, scandir = str(engine / "language" / "logic"), os.scandir

        def look(path: str) -> object:
            if path == hidden:
                raise PermissionError(path)
            return scandir(path)

        patched.setattr(os, "scandir", look)
        with pytest.raises(PermissionError):
            key_of([])
    (engine / "language").rename(engine / "elsewhere")
    with pytest.raises(FileNotFoundError):
        key_of([])


def test_a_zipped_engine_does_not_change(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(
        packed, "__file__", str(tmp_path / "a.zip" / "followcue" / "evaluation" / "packed.py")
    )
    assert packed._engine_state() == b""


def test_a_loaded_pack_is_the_same_from_the_cache(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = pipeline.load_pack()
    codes = [fresh._source.code(calendar) for calendar in (False, True)]
    monkeypatch.setattr(pipeline._FolderSource, "compiled", None)
    again = pipeline.load_pack()
    assert again.pack == fresh.pack
    assert [again._source.code(calendar).co_code for calendar in (False, True)] == [c.co_code for c in codes]
    assert len(list(folder.glob("*.pack"))) == 4, (
        "the pack, its program, and the code of that for each calendar"
    )


@pytest.mark.slow
def test_a_payload_that_cannot_be_read_is_made_anew(folder: Path) -> None:
    loaded = pipeline.load_pack()
    loaded.matcher()
    key = loaded.cache_key
    assert key is not None
    for nonsense in (b"of another program", b"", pickle.dumps("no pack"), marshal.dumps("no code")):
        assert unpack_bytes(nonsense) is None
        assert uncode_bytes(nonsense) is None
        write_entry(key, nonsense)
        write_entry(key_of_code(key, calendar=False), nonsense)
        again = pipeline.load_pack()
        assert again.pack.rules
        assert again._source.code(calendar=False).co_code
        assert unpack_bytes(read_entry(key) or b"") == again.pack


def test_without_a_cache_nothing_is_kept(folder: Path) -> None:
    pipeline.load_pack(cache=False)
    assert not folder.exists()


def test_a_failing_write_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_entry(b"first", b"payload")

    def fail(*_: object) -> None:
        raise OSError("no space")

    with monkeypatch.context() as patched:
        patched.setattr(cache.os, "replace", fail)
        write_entry(KEY, b"payload")
    assert [path.name for path in folder.iterdir()] == [cache._name(b"first")]


def test_packs_and_code_survive_the_way_to_bytes_and_back() -> None:
    compiled = pipeline.load_pack(cache=False)._source.compiled
    assert unpack_bytes(pack_bytes(compiled.pack)) == compiled.pack
    code = compile_program(compiled.program, calendar=True)
    back = uncode_bytes(code_bytes(code))
    assert back is not None
    assert back.co_code == code.co_code


def test_a_link_is_followed_when_a_file_is_replaced(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_bytes(b"old")
    link.symlink_to(real)
    replace_file(str(link), b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


def test_what_is_no_file_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        replace_file(str(pipe), b"through")
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
    assert not pipe.is_file()
