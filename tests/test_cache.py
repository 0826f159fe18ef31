"""The cache is believed only if it is the user's own and whole; without one, everything works as well."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from followcue import cache, packed, pipeline
from followcue.cache import DIGEST_SIZE, MOST_ENTRIES, cache_folder, read_entry, write_entry
from followcue.folders import RuleFolder
from followcue.packed import key_of, pack_bytes, unpack_bytes

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="permissions are told otherwise there")

KEY = "k" * 64


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
    assert [path.name for path in folder.iterdir()] == [f"{KEY}.pack"], "nothing half written is left"


@pytest.mark.parametrize("damage", [b"", b"short", b"\0" * 400])
def test_a_damaged_entry_is_no_entry(folder: Path, damage: bytes) -> None:
    write_entry(KEY, b"payload")
    entry(folder).write_bytes(damage)
    assert read_entry(KEY) is None


def test_one_flipped_bit_is_noticed(folder: Path) -> None:
    write_entry(KEY, b"payload")
    content = bytearray(entry(folder).read_bytes())
    content[DIGEST_SIZE] ^= 1
    entry(folder).write_bytes(bytes(content))
    assert read_entry(KEY) is None


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
    (folder / f"{KEY}.pack").symlink_to(elsewhere)
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
        write_entry(f"{number:02}", b"payload")
        os.utime(folder / f"{number:02}.pack", (number, number))
    assert len(list(folder.iterdir())) == MOST_ENTRIES
    assert read_entry("00") is None


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
    for name, value in (("__version__", "9"), ("FORMAT", 99), ("_engine_state", lambda: b"changed")):
        with monkeypatch.context() as patched:
            patched.setattr(packed, name, value)
            keys.append(key_of([folder]))
    with monkeypatch.context() as patched:
        patched.setattr(sys, "version", "3.99")
        keys.append(key_of([folder]))
    assert len(set(keys)) == len(keys)
    assert key_of([folder]) == keys[0]


def test_a_loaded_pack_is_the_same_from_the_cache(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = pipeline.load_pack()
    monkeypatch.setattr(pipeline, "_compile", None)
    again = pipeline.load_pack()
    assert again.pack == fresh.pack
    assert len(list(folder.glob("*.pack"))) == 1


def test_a_payload_that_cannot_be_read_is_made_anew(folder: Path) -> None:
    pipeline.load_pack()
    kept = entry(folder)
    write_entry(kept.stem, b"of another program")
    assert unpack_bytes(b"of another program") is None
    assert pipeline.load_pack().pack.rules
    payload = read_entry(kept.stem)
    assert payload is not None
    assert unpack_bytes(payload) is not None


def test_without_a_cache_nothing_is_kept(folder: Path) -> None:
    pipeline.load_pack(cache=False)
    assert not folder.exists()


def test_a_failing_write_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_entry("first", b"payload")

    def fail(*_: object) -> None:
        raise OSError("no space")

    with monkeypatch.context() as patched:
        patched.setattr(cache.os, "replace", fail)
        write_entry(KEY, b"payload")
    assert [path.name for path in folder.iterdir()] == ["first.pack"]


def test_packs_survive_the_way_to_bytes_and_back() -> None:
    ready = pipeline._make(pipeline.shipped_folder(), [])
    back = unpack_bytes(pack_bytes(ready))
    assert back is not None
    assert back.pack == ready.pack
    assert (back.code(False).co_code, back.code(True).co_code) == (
        ready.plain.co_code,
        ready.calendar.co_code,
    )
