"""The page's server: whom it lets in, what it saves and never saves, and what it does with bad questions."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from click.testing import CliRunner

from followcue.base.diagnostic import InvalidInput
from followcue.cli.group import main
from followcue.doors.http.desk_folder import ChangedOnDisk, DeskFolder, MayNotSave, OpenedFolders
from followcue.doors.http.entrance import Entrance
from followcue.doors.http.listen import listening
from followcue.doors.http.open_app import POLICY, create_open_app, page_files
from followcue.session import author_desk
from followcue.session.author_desk import AuthorDesk
from followcue.session.desk_files import NO_FILE, revision_of
from followcue.session.params import Params
from served import Answer, Client

ROOT = Path(__file__).parents[1]
TODAY = date(2026, 11, 30)
SEARCH = """\
applications:
  acme:
    company: Acme
    contacts:
      dana: {name: Dana Ruiz}
    events:
    - {date: 2026-11-20, event: interview, with: [dana], id: first}
"""
RULES = """\
rules:
  call-them:
    title: Call them
    when:
    - applied: {date: $day}
    recommend: {action: move_on, open: $day + 5 days}
"""
TESTS = """\
tests:
  called:
    as_of: 2026-11-30
    situation: {applications: {a: {company: A, events: [{date: 2026-11-20, event: applied}]}}}
    expect: [move_on]
"""


class Page:
    """What a browser does with the page."""

    def __init__(self, client: Client, entrance: Entrance, printed: list[str]) -> None:
        self.client, self.entrance, self.printed = client, entrance, printed
        self.cookie = ""

    def enter(self, secret: str | None = None) -> Answer:
        answer = self.post("enter", {"secret": self.entrance.secret if secret is None else secret})
        if "set-cookie" in answer.headers:
            self.cookie = answer.headers["set-cookie"].partition(";")[0]
        return answer

    def post(self, method: str, params: object, **headers: str) -> Answer:
        return self.client.post(f"/api/{method}", params, Cookie=self.cookie, **headers)

    def ask(self, method: str, **params: object) -> Any:
        answer = self.post(method, params)
        assert answer.status == 200, answer.body
        return answer.data


@contextmanager
def opened(folder: DeskFolder) -> Iterator[Page]:
    """The page's server in a thread of this process."""
    with listening("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        entrance, printed = Entrance(port), list[str]()
        app = create_open_app(folder, entrance, lambda secret: printed.append(secret))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_keep_alive=120))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield Page(Client(port), entrance, printed)
        finally:
            server.should_exit = True
            thread.join()


def folder_of(path: Path, **how: Any) -> DeskFolder:
    return DeskFolder(OpenedFolders(str(path), **how), lambda zone: TODAY)


@pytest.fixture
def search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = tmp_path / "search.yaml"
    path.write_text(SEARCH)
    return path


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    folder = tmp_path / "mine"
    (folder / "tests").mkdir(parents=True)
    (folder / "rules.yaml").write_text(RULES)
    (folder / "tests" / "calls.yaml").write_text(TESTS)
    return folder


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    path = tmp_path_factory.mktemp("open") / "search.yaml"
    path.write_text(SEARCH)
    with opened(folder_of(path, read_only=True)) as page:
        page.enter()
        yield page


# --- who is let in
def test_only_the_secret_opens_and_only_once(search: Path) -> None:
    with opened(folder_of(search)) as page:
        assert page.post("start", {}).status == 401
        assert page.enter("").status == 401
        assert page.enter("x" * 43).status == 401
        assert page.printed == []
        answer = page.enter()
        assert re.fullmatch(
            r"followcue-\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=/", answer.headers["set-cookie"]
        )
        assert page.ask("start")["may_save"]
        assert page.enter().status == 200  # who is in may come again
        used, page.cookie = page.entrance.secret, ""
        assert page.enter(used).codes == ["FC921"]
        assert page.printed == [page.entrance.secret] != [used]
        assert page.enter(used).status == 401
        assert page.enter(page.printed[0]).status == 200
        assert page.ask("start")["situation"] == "0"


@pytest.mark.parametrize("cookie", ["", "followcue=x", "followcue-1=;", "a=b; c", "\x7f=;;==", "x" * 4000])
def test_another_cookie_opens_nothing(page: Page, cookie: str) -> None:
    answer = page.client.post("/api/start", {}, Cookie=cookie)
    assert (answer.status, answer.codes) == (401, ["FC921"])


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Host": "evil.example"}, 421, "FC915"),
        ({"Host": "127.0.0.1.evil.example"}, 421, "FC915"),
        ({"Host": ""}, 421, "FC915"),
        ({"Origin": "https://evil.example"}, 403, "FC912"),
        ({"Origin": "null"}, 403, "FC912"),
        ({"Origin": "http://127.0.0.1:1"}, 403, "FC912"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415, "FC917"),
        ({"Content-Type": "text/plain"}, 415, "FC917"),
        ({"Content-Type": "application/yaml"}, 415, "FC917"),
        ({"Content-Length": str(10**9)}, 413, "FC913"),
    ],
)
def test_pages_of_others_are_refused(page: Page, headers: Mapping[str, str], status: int, code: str) -> None:
    whole = {"Content-Type": "application/json", "Cookie": page.cookie, **headers}
    body = b"" if "Content-Length" in headers else b"{}"
    answer = Client(page.client.port).ask("POST", "/api/start", body, whole)
    assert (answer.status, answer.codes) == (status, [code])
    assert "--allow" not in answer.body.decode()


def test_its_own_origin_may_ask(page: Page) -> None:
    assert page.post("start", {}, Origin=f"http://127.0.0.1:{page.client.port}").status == 200


def test_a_get_gives_the_page_and_nothing_else(page: Page) -> None:
    answer = page.client.get("/")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert "frame-ancestors 'none'" in POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "access-control-allow-origin" not in answer.headers
    for path in ("/api/start", "/api/save", "/index.html/..", "/../search.yaml", "/%2e%2e/search.yaml"):
        answer = page.client.get(path, Cookie=page.cookie)
        assert answer.status == 404, path
        assert b"Acme" not in answer.body
    for path, (content, kind) in page_files().items():
        answer = page.client.get(path)
        assert (answer.body, answer.headers["content-type"]) == (content, kind)


def test_the_page_runs_under_its_policy() -> None:
    html = page_files()["/"][0].decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|https?://(?!www\.w3\.org)", html)


# --- saving
@pytest.mark.slow
def test_saving_writes_the_file_and_undo_takes_it_back(search: Path) -> None:
    folder = folder_of(search)
    text = folder.desk.answer("add", {"kind": "rejected", "date": "2026-11-29", "scope": "acme"})["text"]
    found = folder.save("0", text, revision_of(SEARCH))
    assert search.read_text() == text
    assert found == {"revision": revision_of(text)}
    assert folder.desk.files["0"].text == text
    assert (search.parent / "search.yaml~").read_text() == SEARCH
    result = CliRunner().invoke(main, ["undo", str(search)])
    assert (result.exit_code, search.read_text()) == (0, SEARCH)
    assert result.stdout.startswith("Undone: open")


@pytest.mark.slow
def test_a_file_that_changed_on_disk_is_never_written_over(search: Path) -> None:
    with opened(folder_of(search)) as page:
        page.enter()
        revision = page.ask("start")["files"][0]["revision"]
        others = SEARCH + "  brook: {company: Brook}\n"
        search.write_text(others)
        answer = page.post("save", {"file": "0", "text": "mine", "revision": revision})
        assert (answer.status, answer.codes) == (409, ["FC922"])
        assert (answer.data["text"], answer.data["revision"]) == (others, revision_of(others))
        assert search.read_text() == others
        (changed,) = page.ask("changed", revisions={"0": revision})["changed"]
        assert changed == {"file": "0", "text": others, "revision": revision_of(others)}
        assert page.ask("changed", revisions={"0": changed["revision"]})["changed"] == []
        assert "brook" in json.dumps(page.ask("happened")["scopes"])
        assert page.post("save", {"file": "0", "text": SEARCH, "revision": changed["revision"]}).status == 200


def test_of_two_pages_that_save_at_once_one_is_told(search: Path) -> None:
    folder, outcomes = folder_of(search), list[str]()

    def save(number: int) -> None:
        try:
            folder.save("0", f"{SEARCH}# {number}\n", revision_of(SEARCH))
            outcomes.append("saved")
        except ChangedOnDisk:
            outcomes.append("told")

    threads = [threading.Thread(target=save, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["saved", "told", "told", "told"]
    assert re.fullmatch(re.escape(SEARCH) + r"# \d\n", search.read_text())


def test_a_write_that_fails_leaves_the_file(search: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = folder_of(search)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(InvalidInput) as problem:
        folder.save("0", "other", revision_of(SEARCH))
    assert problem.value.diagnostics[0].code == "FC612"
    assert search.read_text() == SEARCH


@pytest.mark.parametrize("sent", [0.5, 1.0], ids=["half a question", "a whole one"])
def test_a_browser_that_closes_in_the_middle_of_a_write_leaves_one_whole_text(
    search: Path, sent: float
) -> None:
    new = SEARCH + "# more\n" * 20_000
    with opened(folder_of(search)) as page:
        page.enter()
        body = json.dumps({"file": "0", "text": new, "revision": revision_of(SEARCH)}).encode()
        head = (
            f"POST /api/save HTTP/1.1\r\nHost: 127.0.0.1:{page.client.port}\r\nCookie: {page.cookie}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", page.client.port)) as browser:
            browser.sendall(head.encode() + body[: int(len(body) * sent)])
        start = page.ask("start")
        assert search.read_text() in ([SEARCH] if sent < 1 else [SEARCH, new])
        # Whoever opens the page again goes on with what lies there.
        for _ in range(100):
            there = search.read_text()
            again = page.post("save", {"file": "0", "text": SEARCH + "#\n", "revision": revision_of(there)})
            if again.status == 200:
                break
        assert search.read_text() == SEARCH + "#\n"
        assert start["may_save"]
    left = {path.name for path in search.parent.iterdir()}
    assert left <= {search.name, f"{search.name}~", f".{search.name}.lock", "state"}, "nothing half written"


def test_the_calendar_is_for_who_knows_its_address(search: Path) -> None:
    with opened(folder_of(search)) as page:
        assert page.post("feed", {}).status == 401
        page.enter()
        path = page.ask("feed")["path"]
        got = page.client.get(path)
        assert got.status == 200
        assert got.headers["content-type"].startswith("text/calendar")
        assert got.body.startswith(b"BEGIN:VCALENDAR")
        assert b"Ruiz" in got.body
        assert page.client.get(path.replace(".ics", "x.ics")).status == 404
        assert page.client.get(path, Host="elsewhere.example").status == 421
        search.write_text("applications: [\n")
        assert page.client.get(path).status == 422


def test_read_only_saves_nothing(search: Path, mine: Path) -> None:
    with opened(folder_of(search, read_only=True)) as page:
        page.enter()
        start = page.ask("start")
        assert not start["may_save"]
        answer = page.post("save", {"file": "0", "text": "x", "revision": revision_of(SEARCH)})
        assert (answer.status, answer.codes) == (403, ["FC923"])
    assert search.read_text() == SEARCH


@pytest.mark.slow
def test_rules_are_saved_only_with_edit_and_only_of_the_last_folder(
    search: Path, mine: Path, tmp_path: Path
) -> None:
    lower = tmp_path / "lower"
    shutil.copytree(mine, lower)
    (lower / "rules.yaml").write_text(RULES.replace("call-them", "call-others"))
    for edit in (False, True):
        folder = folder_of(search, rules=(str(lower), str(mine)), edit=edit)
        for file in folder.desk.files.values():
            is_mine = edit and file.name.startswith(str(mine))
            assert file.may_save is (is_mine or file.kind == "situation"), file.name
            if not file.may_save:
                with pytest.raises(MayNotSave):
                    folder.save(file.id, "x", file.revision)
        assert any(file.shipped for file in folder.desk.files.values())
        (own,) = [file for file in folder.desk.files.values() if file.name == f"{mine}/rules.yaml"]
        if edit:
            folder.save(own.id, RULES + "# mine\n", own.revision)
            assert (mine / "rules.yaml").read_text() == RULES + "# mine\n"
            assert folder.desk.files[own.id].text == RULES + "# mine\n"


@pytest.mark.parametrize("file", ["1", "../search.yaml", "", "/etc/passwd", "0\0"])
def test_no_other_file_can_be_named(search: Path, file: str) -> None:
    with pytest.raises(MayNotSave):
        folder_of(search).save(file, "x", revision_of(SEARCH))


def test_a_new_situation_is_made_by_the_first_saving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = DeskFolder(OpenedFolders(), lambda zone: TODAY)
    start = folder.desk.answer("start", {})
    (file,) = start["files"]
    assert (file["name"], file["is_new"], file["revision"]) == ("search.yaml", True, NO_FILE)
    assert len(start["examples"]) == len(list((ROOT / "examples").glob("*.yaml")))
    assert not Path("search.yaml").exists()
    text = folder.desk.answer("add_scope", {"name": "Acme"})["text"]
    revision = folder.save("0", text, NO_FILE)["revision"]
    assert Path("search.yaml").read_text() == text
    assert folder.desk.files["0"].revision == revision
    with pytest.raises(ChangedOnDisk) as problem:
        folder.save("0", "other", NO_FILE)
    assert (problem.value.text, problem.value.revision) == (text, revision)
    CliRunner().invoke(main, ["init", "fresh.yaml", "--empty"])
    fresh = DeskFolder(OpenedFolders("other.yaml"), lambda zone: TODAY).desk.files["0"].text
    assert fresh == Path("fresh.yaml").read_text()


def test_ends_of_lines_and_marks_of_the_file_stay(search: Path) -> None:
    before = b"\xef\xbb\xbf" + SEARCH.replace("\n", "\r\n").encode()
    search.write_bytes(before)
    folder = folder_of(search)
    file = folder.desk.files["0"]
    text = file.text.replace("\r\n", "\n") + "# more\n"
    folder.save("0", text, file.revision)
    assert search.read_bytes() == before + b"# more\r\n"
    assert folder.desk.answer("advice", {})["diagnostics"] == []


def test_a_file_that_is_no_text_is_shown_and_never_saved(search: Path) -> None:
    search.write_bytes(b"applications: {a: {company: \xff}}\n")
    folder = folder_of(search)
    assert not folder.desk.files["0"].may_save
    with pytest.raises(MayNotSave):
        folder.save("0", "x", folder.desk.files["0"].revision)


def test_a_file_that_is_gone_can_be_made_again(search: Path) -> None:
    folder = folder_of(search)
    search.unlink()
    assert folder.changed({"0": revision_of(SEARCH)})["changed"][0]["revision"] == NO_FILE
    with pytest.raises((ChangedOnDisk, InvalidInput)):
        folder.save("0", "x", revision_of(SEARCH))
    folder.save("0", SEARCH, NO_FILE)
    assert search.read_text() == SEARCH


# --- bad questions
HOSTILE = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"1",
    b'"text"',
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b'{"texts": {"0": "' + b"[" * 200_000 + b'"}}',
    b'{"texts": {"0": "a: &a [*a]"}}',
    b'{"texts": {"0": "' + rb"\u0000" + b'"}}',
    b'{"texts": {"0": "' + rb"\ud800" + b'"}}',
    b'{"texts": {"0": {}}}',
    b'{"texts": {"1": ""}}',
    b'{"texts": []}',
    b'{"texts": {"0": "applications: {a: {company: !!python/object:os.system x}}"}}',
    b"\xff\xfe",
    b'{"id": 1e999, "days": 99999999999999999999}',
    b'{"as_of": "0000-00-00"}',
    b'{"as_of": "9999-12-31", "days": 366}',
    b"9" * 10_000,
    b'{"id": "' + b"x" * 100_000 + b'"}',
]


@pytest.mark.parametrize("method", ["advice", "days", "done", "save", "changed", "enter", "nothing"])
def test_hostile_bodies_are_answered_in_order(page: Page, method: str) -> None:
    for body in HOSTILE:
        headers = {"Content-Type": "application/json", "Cookie": page.cookie}
        answer = page.client.ask("POST", f"/api/{method}", body, headers)
        assert answer.status in (200, 401, 403, 413, 422), (answer.status, body[:60], answer.body[:300])
        if answer.status != 200:
            assert answer.codes
    assert page.ask("advice")["diagnostics"] == []


@pytest.mark.slow
def test_a_situation_of_another_pack_is_a_mistake_with_its_place(page: Page) -> None:
    text = (ROOT / "examples/packs/invoice-reminders").rglob("examples/*.yaml")
    found = page.ask("advice", texts={"0": next(text).read_text()})
    assert found["report"] is None
    assert all(one["file"] == "0" and one["line"] for one in found["diagnostics"])


# --- for an author
@pytest.mark.slow
def test_an_author_sees_mistakes_while_the_rules_of_before_advise(search: Path, mine: Path) -> None:
    search.write_text(SEARCH.replace("event: interview, with: [dana], id: first", "event: applied"))
    with opened(folder_of(search, rules=(str(mine),))) as page:
        page.enter()
        start = page.ask("start")
        assert (start["author"], start["may_edit_rules"]) == (True, False)
        ids = {file["name"]: file["id"] for file in start["files"]}
        rules = ids[f"{mine}/rules.yaml"]
        shipped = [file for file in start["files"] if file["shipped"]]
        assert all(file["text"] is None for file in shipped)
        assert page.ask("file", file=shipped[0]["id"])["text"]
        good = page.ask("advice")
        assert good["rules"] == "current"
        wrong = {rules: RULES.replace("applied", "aplied")}
        found = page.ask("advice", texts=wrong)
        assert (found["rules"], found["cards"]) == ("before", good["cards"])
        (told,) = page.ask("check", texts=wrong)["diagnostics"]
        assert (told["file"], told["line"], told["code"]) == (rules, 5, "FC302")
        (edit,) = told["fix"]["edits"]
        assert (edit["file"], edit["text"]) == (rules, "applied")
        lines = [json.loads(line) for line in page.post("tests", {}).body.splitlines()]
        assert [line.get("name") for line in lines] == ["called", None]
        assert lines[-1] == {"done": True, "passed": 1, "failed": 0}
        assert lines[0]["file"] == ids[f"{mine}/tests/calls.yaml"]
        later = {rules: RULES.replace("move_on", "check_status")}
        lines = [json.loads(line) for line in page.post("tests", {"texts": later}).body.splitlines()]
        assert lines[-1] == {"done": True, "passed": 0, "failed": 1}
        broken = page.post("tests", {"texts": wrong})
        assert (broken.status, broken.codes) == (422, ["FC302"])


def test_without_rules_nobody_asks_as_an_author(page: Page) -> None:
    for method in ("check", "tests", "diff"):
        assert page.post(method, {}).codes == ["FC920"]
    assert [file["kind"] for file in page.ask("start")["files"]] == ["situation"]


@pytest.mark.slow
def test_rules_that_are_wrong_at_first_can_be_mended(search: Path, mine: Path) -> None:
    (mine / "rules.yaml").write_text(RULES.replace("applied", "aplied"))
    folder = folder_of(search, rules=(str(mine),), edit=True)
    found = folder.desk.answer("advice", {})
    assert (found["report"], found["diagnostics"][0]["code"]) == (None, "FC302")
    (file,) = [file for file in folder.desk.files.values() if file.name == f"{mine}/rules.yaml"]
    folder.save(file.id, RULES, file.revision)
    assert folder.desk.answer("advice", {})["rules"] == "current"


@pytest.mark.slow
def test_a_new_file_is_made_only_with_edit(search: Path, mine: Path) -> None:
    shutil.rmtree(mine / "tests")
    for edit in (False, True):
        with opened(folder_of(search, rules=(str(mine),), edit=edit)) as page:
            page.enter()
            answer = page.post("new_file", {"kind": "tests", "name": "new-ones"})
            if not edit:
                assert (answer.status, answer.codes) == (403, ["FC923"])
                assert not (mine / "tests").exists()
                continue
            file = answer.data
            assert (mine / "tests" / "new-ones.yaml").read_text() == file["text"]
            assert (file["kind"], file["may_save"], file["pack"]) == ("tests", True, "mine")
            assert file["id"] in [one["id"] for one in page.ask("start")["files"]]
            assert page.post("new_file", {"kind": "tests", "name": "new-ones"}).status == 422
            for name in ("../x", "a/b", ".hidden", "", "C:x", "x" * 300):
                assert page.post("new_file", {"kind": "rules", "name": name}).status == 422, name
            found = page.ask("make_test", name="as-shown", file=file["id"], as_of="2026-11-30")
            assert found["file"] == file["id"]
            assert page.post("save", {**found, "revision": file["revision"]}).status == 200
            lines = [json.loads(line) for line in page.post("tests", {}).body.splitlines()]
            assert (lines[0]["passed"], lines[-1]["failed"]) == (True, 0)


# --- what nobody waits for
def _until(holds: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.slow
def test_a_long_answer_is_given_up_when_the_page_has_gone(
    search: Path, mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def endless(desk: AuthorDesk, asked: Params) -> Any:
        told.append("begun")
        try:
            while True:
                desk.give_up()
                time.sleep(0.01)
        finally:
            told.append("given up")

    def lines(desk: AuthorDesk, asked: Params) -> Iterator[Any]:
        try:
            for number in count():
                told.append("line")
                yield {"line": number}
                time.sleep(0.01)
        finally:
            told.append("no more lines")

    monkeypatch.setitem(author_desk.QUESTIONS, "check", endless)  # type: ignore[arg-type]
    monkeypatch.setitem(author_desk.STREAMED, "tests", lines)  # type: ignore[arg-type]
    with opened(folder_of(search, rules=(str(mine),))) as page:
        page.enter()
        for method, begun, ended in (("check", "begun", "given up"), ("tests", "line", "no more lines")):
            asking = socket.create_connection(("127.0.0.1", page.client.port))
            head = f"POST /api/{method} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {page.cookie}\r\n"
            head += "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
            asking.sendall(head.encode())
            _until(lambda begun=begun: begun in told)  # type: ignore[misc]
            asking.close()
            _until(lambda ended=ended: ended in told)  # type: ignore[misc]
        assert page.ask("start")["author"]


# --- the command
@pytest.mark.slow
def test_the_command_prints_one_address_and_ends_on_an_interrupt(search: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "engine")}
    words = [sys.executable, str(ROOT / "cli.py"), "open", str(search), "--no-browser"]
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    address = process.stdout.readline()
    found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/#([\w-]{43})\n", address)
    assert found, address
    client = Client(int(found[1]))
    began = time.monotonic()
    cookie = client.post("/api/enter", {"secret": found[2]}).headers["set-cookie"].partition(";")[0]
    assert client.post("/api/advice", {}, Cookie=cookie).data["report"]
    assert time.monotonic() - began < 10
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=30)
    assert (process.returncode, out, error) == (130, "", "")


def test_a_port_that_is_taken_is_told(search: Path) -> None:
    with listening("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(main, ["open", str(search), "--no-browser", "--port", str(port)])
    assert result.exit_code == 2
    assert f"port {port}" in result.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--edit"], "--edit is about the last --rules folder"),
        (["--rules", "x", "--edit", "--read-only"], "give one of them"),
        (["--port", "70000"], "70000"),
    ],
)
def test_options_that_say_nothing_are_usage_errors(words: list[str], told: str) -> None:
    result = CliRunner().invoke(main, ["open", *words])
    assert result.exit_code == 2
    assert told in result.output
