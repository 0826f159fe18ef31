"""A desk: a situation, the rules that judge it, their tests, and every question that a page asks of them.

Idea: a question is a method with its params, plain data in and plain data out, and each carries the texts
that somebody is writing just now; so a desk never changes, and who asks twice is answered alike. It reads no
file and knows no transport: the same desk answers a local server's requests and a worker in a browser.

    desk.answer("done", {"id": "step:remind:emma", "texts": {"0": "loans: …"}})
    -> {"text": the whole new text of the situation, "line": 14, …}

Invariant: an answer is what the command of that name says, by the same functions; a changed text is, byte for
byte, what the command would write.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePath
from typing import Any, Literal, TypeAlias

from followcue.assistant.draft.choose import WantedMessage
from followcue.assistant.draft.link import link_of
from followcue.assistant.draft.message_files import MessageFile
from followcue.assistant.draft.write import drafts_of
from followcue.assistant.journal.find_record import person_said, scope_said
from followcue.assistant.journal.init import blank
from followcue.assistant.journal.journal import Journal, JournalOutcome, place_of
from followcue.assistant.journal.mark_done import NothingToWrite
from followcue.assistant.page.dossier import dossier
from followcue.assistant.page.report_page import gaps
from followcue.authoring.lint.check import MessagesBeside
from followcue.base import clock
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.extras import Unavailable, require
from followcue.base.limits import USUAL, LimitExceeded, Limits
from followcue.base.version import __version__
from followcue.evaluation.advice.report import Action, Report
from followcue.evaluation.pipeline import LoadedPack, Options, evaluate
from followcue.evaluation.report.listing import listing
from followcue.evaluation.report.provenance import GivenOptions, Input, Provenance
from followcue.evaluation.report.wording import name_of, named, on_one_line, plain
from followcue.explain.forms import outline
from followcue.explain.wanted import NotRecommended, Unknown, Wanted
from followcue.explain.why import why
from followcue.explain.why_not.situation_edits import Add, Edits, Put, Remove, Setting, Wait
from followcue.explain.why_not.why_not import why_not
from followcue.language.documents.document import Document
from followcue.language.documents.edit import Edit
from followcue.language.documents.read import read_document
from followcue.session.advice_shown import AdviceShown
from followcue.session.author import branches_data
from followcue.session.author_desk import QUESTIONS, STREAMED, AuthorDesk
from followcue.session.day_stops import stops
from followcue.session.desk_files import DeskFile, SituationExample, all_data
from followcue.session.desk_rules import RulesInForce, RulesKeeper
from followcue.session.journal_changes import (
    added,
    changes_in,
    edited,
    kind_data,
    scope_added,
    settled,
    skipped,
    unskipped,
)
from followcue.session.likely_kinds import likely_kinds
from followcue.session.pack_bench import GiveUp, PackBench, go_on
from followcue.session.pack_texts import PackTexts
from followcue.session.params import CODE, Params, misasked
from followcue.session.timeline_shown import timeline_data

Answer: TypeAlias = dict[str, Any]

MOST_DAYS = 366
DAYS = 121
"""How many days the advice is looked at unless it is said."""


class DeskRefusal(Exception):
    """A question that is answered by mistakes: `answer` is what to tell, as JSON data."""

    def __init__(self, answer: Answer, status: int = 422) -> None:
        super().__init__(answer["diagnostics"][0]["message"] if answer["diagnostics"] else "")
        self.answer = answer
        self.status = status


@dataclass(frozen=True)
class DeskSettings:
    """How a desk is used: where the page runs, what it may do, and what lies beside the files.

    `rules` and `packs` are the names that were given for the layers over the shipped pack, `drafts` the texts
    of their `messages`. `author`: rules and tests are shown; `may_edit_rules`: some of them can be saved.
    """

    mode: Literal["open", "site"] = "open"
    author: bool = False
    may_edit_rules: bool = False
    rules: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    messages: Mapping[str, MessageFile] = field(default_factory=dict)
    drafts: tuple[str, ...] = ()
    examples: Mapping[str, SituationExample] = field(default_factory=dict)
    today: clock.Clock = clock.today
    limits: Limits = USUAL


class Desk:
    """The texts of now and the rules over them; `situation` is the id of the file with the situation."""

    def __init__(
        self,
        files: Sequence[DeskFile],
        situation: str,
        texts: PackTexts,
        settings: DeskSettings | None = None,
        *,
        loaded: LoadedPack | None = None,
        keeper: RulesKeeper | None = None,
        saved: Desk | None = None,
    ) -> None:
        """`loaded` are the rules in `texts`, if somebody has loaded them already.

        `saved` is the desk with the texts as they are saved, where those of this one are not.
        """
        self.files: Mapping[str, DeskFile] = {file.id: file for file in files}
        self.situation = self.files[situation]
        self.settings = settings or DeskSettings()
        self._texts = texts
        self._keeper = keeper or RulesKeeper(texts, loaded)
        self._saved = saved

    def with_texts(self, texts: Mapping[str, str]) -> Desk:
        """The desk with these texts, by the ids of their files; raises `InvalidInput` for ids of none."""
        new = {id: text for id, text in texts.items() if self._file(id).text != text}
        if not new:
            return self
        files = [file._replace(text=new.get(file.id, file.text)) for file in self.files.values()]
        saved = self._saved or self
        return Desk(files, self.situation.id, self._texts, self.settings, keeper=self._keeper, saved=saved)

    # --- asking
    def answer(self, method: str, params: object, give_up: GiveUp = go_on) -> Answer:
        """The answer to a question; raises `DeskRefusal`, and what `give_up` raises."""

        def asked(desk: Desk, given: Params) -> Answer:
            if method in METHODS:
                return METHODS[method](desk, given)
            if method in QUESTIONS:
                author = desk.author(given, give_up)
                return author.shown(QUESTIONS[method](author, given))  # type: ignore[no-any-return]
            raise misasked(f"nothing here is called `{method}`")

        return self._guarded(lambda: asked(*self._with_params(params)))  # type: ignore[no-any-return]

    def lines(self, method: str, params: object, give_up: GiveUp = go_on) -> Generator[Answer, None, None]:
        """The lines of an answer that comes bit by bit; raises as `answer` does, at once or on the way."""

        def asked(desk: Desk, given: Params) -> tuple[AuthorDesk, Iterator[Answer]]:
            if method not in STREAMED:
                raise misasked(f"nothing here is called `{method}`")
            author = desk.author(given, give_up)
            return author, STREAMED[method](author, given)

        author, lines = self._guarded(lambda: asked(*self._with_params(params)))
        while (line := self._guarded(lambda: next(lines, None))) is not None:
            yield author.shown(line)
            give_up()

    def _with_params(self, params: object) -> tuple[Desk, Params]:
        """The desk with the texts of a question, and the question."""
        given = Params(params)
        return self.with_texts(given.texts("texts")), given

    def _guarded(self, work: Callable[[], Any]) -> Any:
        """What comes of the work; all that can be wrong with a question as `DeskRefusal`."""
        try:
            return work()
        except InvalidInput as problem:
            found = problem.diagnostics
        except (Unknown, NotRecommended) as problem:
            found = (Diagnostic("FC911", str(problem), place="question"),)
        except NothingToWrite as problem:
            found = (Diagnostic("FC924", str(problem), place="question"),)
        except LimitExceeded as problem:
            found = (Diagnostic("FC901", str(problem)),)
        except Unavailable as problem:
            found = (Diagnostic(CODE, str(problem)),)
        raise DeskRefusal({"diagnostics": all_data(found, self.files)})

    # --- what there is now
    @property
    def texts(self) -> PackTexts:
        """The folders of rules with the texts of now."""
        return self._texts.under({file.name: file.text for file in self._of_rules()})

    @cached_property
    def in_force(self) -> RulesInForce:
        """The rules that judge."""
        return self._keeper.in_force(self.texts)

    def bench(self) -> PackBench:
        """What an author asks questions of: rules, tests and the situation."""
        beside = MessagesBeside(self.settings.messages, self.settings.drafts)
        tests = {file.name: file.text for file in self.files.values() if file.kind == "tests"}
        situations = {self.situation.name: self.situation.text}
        return self._keeper.bench(self.texts, tests, situations, beside)

    def author(self, asked: Params, give_up: GiveUp = go_on) -> AuthorDesk:
        """The desk as an author asks it; raises `InvalidInput` where rules are not to be seen."""
        if not self.settings.author:
            raise misasked("this page shows no rules: `--rules` names a folder of them")
        saved = (self._saved or self).bench()
        as_of, today = asked.day("as_of"), self.settings.today
        return AuthorDesk(self.bench(), saved, self.files, self.situation, as_of, today, give_up)

    def rules(self) -> LoadedPack:
        """The rules that judge; raises `InvalidInput` while none ever compiled."""
        if self.in_force.loaded is None:
            raise InvalidInput(self.in_force.problems)
        return self.in_force.loaded

    def document(self) -> Document:
        """The situation; raises `InvalidInput` where it cannot be read."""
        return read_document(self.situation.text, self.situation.name, self.settings.limits)

    def options(self, asked: Params) -> Options:
        """How the situation is judged."""
        limits, today = self.settings.limits, self.settings.today
        return Options(asked.day("as_of"), asked.text_or_none("profile"), limits=limits, today=today)

    def journal(self, asked: Params) -> Journal:
        """The situation in an edit, which nothing is saved of; raises `InvalidInput`."""
        require("edit")
        edit = Edit(self.situation.text, self.situation.name)
        return Journal(edit, self.rules(), self.options(asked))

    def _file(self, id: str) -> DeskFile:
        if id not in self.files:
            raise misasked(f"there is no file `{id}`")
        return self.files[id]

    def _of_rules(self) -> Iterator[DeskFile]:
        return (file for file in self.files.values() if file.kind in ("rules", "vocabulary"))

    # --- the beginning
    def start(self, asked: Params) -> Answer:
        """What a page begins with: the files, the words of the rules, and what may be done."""
        settings, loaded = self.settings, self.in_force.loaded
        words, profiles, title, begun = {}, [], "followcue", ""
        if loaded is not None:
            shape = loaded.pack.vocabulary.shape
            scope = loaded.pack.vocabulary.kinds[shape.scope] if shape.scope else None
            words = {
                "scope": plain(scope.name) if scope else None,
                "scope_kind": scope.name if scope else None,
                "scopes": plain(scope.path[0]) if scope else None,
                "whole": plain(shape.whole),
            }
            profiles = list(loaded.pack.vocabulary.profiles)
            title = loaded.pack.layers[-1] if loaded.pack.layers else title
            begun = blank(loaded.pack.vocabulary, self.situation.name, None).text
        return {
            "version": __version__,
            "today": settings.today(self._zone()).isoformat(),
            "mode": settings.mode,
            "title": title,
            "words": words,
            "person": True,
            "author": settings.author,
            "may_save": self.situation.may_save,
            "may_edit_rules": settings.may_edit_rules,
            "situation": self.situation.id,
            "blank": begun,
            "files": [file.to_dict() for file in (self._saved or self).files.values()],
            "examples": [
                {"name": one.name, "title": one.title, "about": one.about}
                for one in settings.examples.values()
            ],
            "profiles": profiles,
        }

    def _zone(self) -> str | None:
        """The time zone of the situation, if it names one that is known."""
        try:
            data = self.document().data
        except InvalidInput:
            return None
        zone = data.get("timezone") if isinstance(data, dict) else None
        return zone if isinstance(zone, str) and clock.is_time_zone(zone) else None

    def file(self, asked: Params) -> Answer:
        """One file with its text."""
        return self._file(asked.text("file")).to_dict(whole=True)

    def example(self, asked: Params) -> Answer:
        """A situation to look at."""
        name = asked.text("name")
        found = self.settings.examples.get(name)
        if found is None:
            raise misasked(f"there is no example `{name}`")
        return {"name": name, "title": found.title, "about": found.about, "text": found.text}

    # --- the advice
    def advice(self, asked: Params) -> Answer:
        """What to do, as a report and as cards; mistakes in the situation or the rules beside it."""
        rules, options = self.in_force, self.options(asked)
        problems = list(rules.problems)
        report: Report | None = None
        shown: Answer = {}
        if rules.loaded is not None:
            try:
                report, shown = self._advice(rules.loaded, options)
            except InvalidInput as problem:
                problems += problem.diagnostics
            except LimitExceeded as problem:
                problems.append(Diagnostic("FC901", str(problem)))
            except Unavailable as problem:
                problems.append(Diagnostic(CODE, str(problem)))
        if report is None:
            empty: Answer = {"sentences": None, "cards": [], "more": [], "waits": [], "coming": []}
            shown = {**empty, "always": [], "careful": [], "riding": [], "skipped": []}
        return {
            "report": report and self._as_data(report, options),
            **shown,
            "rules": "before" if rules.before else "current",
            "diagnostics": all_data(problems, self.files),
        }

    def _advice(self, loaded: LoadedPack, options: Options) -> tuple[Report, Answer]:
        document = self.document()
        situation = loaded.read(document, options)
        report = evaluate(loaded, document, options)
        left_out: tuple[Action, ...] = ()
        if situation.skips:
            whole = evaluate(loaded, document, options._replace(missed=True))
            left_out = listing(whole).skipped
        shown = AdviceShown(report, loaded.pack.vocabulary, self.settings.messages, left_out)
        return report, shown.to_dict()

    def _as_data(self, report: Report, options: Options) -> Answer:
        """The report as `evaluate --format json` writes it."""
        return report.to_dict() | {"provenance": self._provenance(options).to_dict()}

    def _provenance(self, options: Options) -> Provenance:
        settings = self.settings
        given = GivenOptions(settings.rules, settings.packs, options.profile, options.parameters or {})
        text = self.situation.text.encode("utf-8", "surrogatepass")
        return Provenance(Input.of(self.situation.name, text), self.rules().pack.layers, given)

    def days(self, asked: Params) -> Answer:
        """The days on which the advice changes by itself, each with what is new and gone."""
        loaded, document, options = self.rules(), self.document(), self.options(asked)
        first = asked.day("from") or evaluate(loaded, document, options).as_of
        try:
            last = first.fromordinal(first.toordinal() + asked.number("days", DAYS, most=MOST_DAYS) - 1)
        except (ValueError, OverflowError):
            raise misasked("`from` is too near to the end of all days") from None
        found = [stop.to_dict() for stop in stops(loaded, document, options, first, last)]
        return {"first": first.isoformat(), "last": last.isoformat(), "days": found}

    def why(self, asked: Params) -> Answer:
        """Why a card, or a line of the report, is there."""
        wanted = Wanted.of(asked.text("id"))
        found = why(self.rules(), self.document(), wanted, self.options(asked))
        return {
            "paragraphs": [on_one_line(one.sentence) for one in found.whys],
            "outline": [
                {
                    "title": on_one_line(named(one.action, found.report)),
                    "branches": branches_data(outline(one)),
                }
                for one in found.whys
            ],
            "tree": found.to_dict(),
        }

    def timeline(self, asked: Params) -> Answer:
        """What happened in each record of the scope and what lies ahead, on one scale of days."""
        return timeline_data(dossier(self.rules(), self.document(), {}, self.options(asked)))

    # --- why not
    def wanted(self, asked: Params) -> Answer:
        """The actions that are not recommended, by record of the scope where some others have them."""
        loaded, document = self.rules(), self.document()
        report = evaluate(loaded, document, self.options(asked))
        scope = loaded.pack.vocabulary.shape.scope
        there = {(one.action, one.scope) for one in (*report.actions, *report.cautions)}
        names = {name for name, _ in there}
        rows = loaded.read(document, self.options(asked)).facts.get(scope or "", ())
        scopes = [str(row[0]) for row in rows]
        found: list[Answer] = []
        for name, action in loaded.pack.vocabulary.actions.items():
            if name not in names:
                found.append({"action": name, "title": on_one_line(action.title)})
                continue
            if (name, None) in there:
                continue
            found += [
                {
                    "action": name,
                    "title": on_one_line(action.title),
                    "application": key,
                    "application_name": name_of(key, None, report),
                }
                for key in scopes
                if (name, key) not in there
            ]
        return {"actions": found}

    def why_not(self, asked: Params) -> Answer:
        """Why an action is not recommended, and changes after which it is, each as a text to take over."""
        loaded, document, options = self.rules(), self.document(), self.options(asked)
        vocabulary = loaded.pack.vocabulary
        scope = scope_said(asked.text_or_none("application"), document.data, vocabulary)
        to = person_said(asked.text_or_none("to"), scope, document.data, vocabulary)
        answer = why_not(loaded, document, Wanted.of(asked.text("action"), scope, to), options)
        changes = []
        before = evaluate(loaded, document, options)
        for change in answer.changes:
            edit = self._with_edits(change.edits, document)
            after = evaluate(loaded, edit.document, options._replace(as_of=change.as_of))
            waits = change.as_of != answer.report.as_of
            changes.append(
                {
                    "sentence": on_one_line(change.text),
                    "words": on_one_line(change.words),
                    "new_text": edit.text if edit.changed else None,
                    "day": change.as_of.isoformat() if waits else None,
                    "after": changes_in(JournalOutcome.of(before, after)),
                }
            )
        return {
            "json": answer.to_dict(),
            "title": answer.title,
            "headline": on_one_line(answer.headline),
            "recommended": answer.is_recommended,
            "changes": changes,
        }

    def _with_edits(self, edits: Edits, document: Document) -> Edit:
        """The situation with the edits of a change made to its text; raises `InvalidInput`."""
        require("edit")
        edit = Edit(self.situation.text, self.situation.name)
        for one in sorted(edits, key=lambda each: isinstance(each, Add)):  # a record before its events
            match one:
                case Add(path, _, event):
                    entry = dict(event)
                    edit.insert(path, place_of(_at(edit.data, path), str(entry["date"])), entry)
                case Put(path, _, _, value):
                    edit.set(path, value)
                case Setting("profile", value):
                    edit.set(("profile",), value)
                case Setting(name, value):
                    edit.set(("params", name), value)
                case Wait() | Remove():
                    pass
        removed = [one.path for one in edits if isinstance(one, Remove)]
        for path in sorted(removed, key=lambda path: path[-1], reverse=True):
            edit.remove(path)
        return edit

    # --- messages
    def draft(self, asked: Params) -> Answer:
        """The message of a card: to be looked over, copied, or opened where it is sent."""
        id, template = asked.text("id"), asked.text_or_none("template")
        found = drafts_of(
            self.rules(),
            self.settings.messages,
            self.document(),
            WantedMessage(id),
            self.options(asked),
            me=asked.text_or_none("me"),
            point=asked.text_or_none("point"),
        ).drafts
        actions = self.rules().pack.vocabulary.actions
        named_so = [one for one in found if template in (None, one.action.action)]
        if not named_so:
            raise misasked(f"this step has no message `{template}`")
        draft = named_so[0]
        link = link_of(draft)
        return {
            "subject": draft.subject,
            "text": draft.body,
            "to": draft.to,
            "channel": draft.channel,
            "address": draft.address,
            "mailto": link.href if link else None,
            "mailto_is_whole": bool(link and link.is_whole),
            "blanks": [piece for piece, is_gap in gaps(draft.body) if is_gap],
            "templates": [
                {"name": one.action.action, "title": actions[one.action.action].title} for one in found
            ],
        }

    # --- what happened
    def happened(self, asked: Params) -> Answer:
        """The kinds of what can be written down: the likely ones first, then all."""
        journal = self.journal(asked)
        vocabulary = journal.loaded.pack.vocabulary
        scope = scope_said(asked.text_or_none("scope"), journal.edit.data, vocabulary)
        first = likely_kinds(journal, scope)
        every = [kind for kind in vocabulary.kinds.values() if kind.role != "conclusion"]
        return {
            "first": [kind_data(journal, kind, scope) for kind in first],
            "all": [kind_data(journal, kind, scope) for kind in every],
            "scopes": self._scopes(journal),
        }

    def _scopes(self, journal: Journal) -> list[Answer]:
        """The records of the scope, by key and name, those that something is advised for first."""
        report, scope = journal.before, journal.loaded.pack.vocabulary.shape.scope
        situation = journal.loaded.read(journal.edit.document, journal.options)
        keys = [str(row[0]) for row in situation.facts.get(scope or "", ())]
        pressing = [one.step.scope for one in listing(report).now if one.step.scope is not None]
        ordered = dict.fromkeys([*pressing, *keys])
        return [{"value": key, "title": name_of(key, None, report)} for key in ordered]

    def add(self, asked: Params) -> Answer:
        """The situation with an event or a record more."""
        return added(self.journal(asked), asked)

    def add_scope(self, asked: Params) -> Answer:
        """The situation with a record of the scope more."""
        return scope_added(self.journal(asked), asked)

    def done(self, asked: Params) -> Answer:
        """The situation with the events that settle a card."""
        return settled(self.journal(asked), asked)

    def skip(self, asked: Params) -> Answer:
        """The situation with a card skipped."""
        return skipped(self.journal(asked), asked)

    def unskip(self, asked: Params) -> Answer:
        """The situation with a skip taken out."""
        return unskipped(self.journal(asked), asked)

    def edit(self, asked: Params) -> Answer:
        """The situation with an entry changed or taken out."""
        return edited(self.journal(asked), asked)

    # --- to take along
    def calendar(self, asked: Params) -> Answer:
        """What comes up as a calendar file."""
        from followcue.assistant.plan.calendar_file.export import export_ics

        require("ics")
        text = export_ics(self.rules(), self.document(), self.options(asked), name=self._stem())
        return {"name": f"{self._stem()}.ics", "text": text}

    def report_page(self, asked: Params) -> Answer:
        """The report as a page of its own."""
        from followcue.assistant.page.report_page import render

        require("html")
        options = self.options(asked)
        me = asked.text_or_none("me")
        found = dossier(self.rules(), self.document(), self.settings.messages, options, me=me)
        text = render(found._replace(provenance=self._provenance(options)))
        return {"name": f"{self._stem()}.html", "text": text}

    def _stem(self) -> str:
        return PurePath(self.situation.name).stem


def _at(data: Any, path: Sequence[str | int]) -> object:
    for step in path:
        try:
            data = data[step]
        except (LookupError, TypeError):
            return None
    return data


METHODS: Mapping[str, Callable[[Desk, Params], Answer]] = {
    "start": Desk.start,
    "file": Desk.file,
    "example": Desk.example,
    "advice": Desk.advice,
    "days": Desk.days,
    "timeline": Desk.timeline,
    "why": Desk.why,
    "wanted": Desk.wanted,
    "why_not": Desk.why_not,
    "draft": Desk.draft,
    "happened": Desk.happened,
    "add": Desk.add,
    "add_scope": Desk.add_scope,
    "done": Desk.done,
    "skip": Desk.skip,
    "unskip": Desk.unskip,
    "edit": Desk.edit,
    "calendar": Desk.calendar,
    "report_page": Desk.report_page,
}
"""The questions that have one answer."""
