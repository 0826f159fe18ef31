"""From a situation to drafts: one for each step, or each action, that is meant."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from followcue.assistant.draft.choose import ChosenMessages, WantedMessage, chosen
from followcue.assistant.draft.message_files import BLOCKS, MessageFile, folders_with_rules, message_files
from followcue.assistant.draft.rule_values import RuleValues
from followcue.assistant.draft.template_context import Telling, TemplateContext
from followcue.assistant.journal.find_record import person_said, scope_said
from followcue.base.diagnostic import Diagnostic, InvalidInput
from followcue.base.extras import Unavailable, require
from followcue.evaluation.advice.report import Action, Report, Step
from followcue.evaluation.pipeline import USUALLY, Options, evaluate_facts, load_pack
from followcue.evaluation.report.wording import addressee
from followcue.evaluation.situation.situation import Situation
from followcue.explain.wanted import Unknown
from followcue.language.documents.document import Document
from followcue.language.model.vocabulary import Vocabulary

if TYPE_CHECKING:
    from followcue.assistant.draft.template import MessageTemplate
    from followcue.evaluation.pipeline import LoadedPack


class DraftsUnavailable(Unavailable):
    """The template library is not installed."""


class Draft(NamedTuple):
    """A message to be looked over: the action that leads it, to whom (as one would say it), and its text.

    `said` are the ids of all actions that it says. `channel` is how it goes, `address` where to.
    """

    action: Action
    to: str
    text: str
    said: tuple[str, ...] = ()
    channel: str | None = None
    address: str | None = None

    @property
    def subject(self) -> str:
        """What the message is about, in a line."""
        return self.text.partition("\n")[0].removeprefix("Subject: ")

    @property
    def body(self) -> str:
        """The message without its subject."""
        return self.text.partition("\n")[2].lstrip("\n")


class Drafts(NamedTuple):
    """The drafts that were wanted, and the report that they rest on."""

    drafts: tuple[Draft, ...]
    report: Report


def write_drafts(
    document: Document,
    wanted: WantedMessage,
    options: Options = USUALLY,
    *,
    me: str | None = None,
    point: str | None = None,
    rules: Sequence[str | os.PathLike[str]] = (),
    packs: Sequence[str] = (),
    cache: bool = True,
) -> Drafts:
    """The drafts of what is wanted, one for every person who is to get one.

    `me` is the name to sign with, before the one that the situation tells, `point` what only the one person
    would recognise. The other arguments are those of `followcue.load_pack`. Raises `Unknown` for names that
    nothing has, `NotRecommended` where nothing asks for the message, `DraftsUnavailable` without the template
    library, and `InvalidInput` with every mistake in the situation, the rules or a template, and every
    missing value.
    """
    require("drafts", DraftsUnavailable)
    loaded = load_pack(*folders_with_rules(rules), packs=packs, cache=cache)
    files = message_files(rules, packs)
    return drafts_of(loaded, files, document, wanted, options, me=me, point=point)


def drafts_of(
    loaded: LoadedPack,
    files: Mapping[str, MessageFile],
    document: Document,
    wanted: WantedMessage,
    options: Options = USUALLY,
    *,
    me: str | None = None,
    point: str | None = None,
) -> Drafts:
    """The same by rules and message files that are at hand."""
    require("drafts", DraftsUnavailable)
    situation = loaded.read(document, options)
    report, derivations = evaluate_facts(loaded, situation, options)
    vocabulary = loaded.pack.vocabulary
    values = RuleValues(loaded, situation, lambda: derivations)
    writer = DraftWriter(files, vocabulary, situation, report, me, values)
    scope = scope_said(wanted.scope, document.data, vocabulary)
    to = person_said(wanted.to, scope, document.data, vocabulary)
    wanted = wanted._replace(scope=scope, to=to)
    found = chosen(wanted, report, vocabulary.actions, files)
    wanted_of: list[Step | Action] = [*found.steps, *found.actions]
    if point and len(wanted_of) > 1:
        whom = ", ".join(f"`{one.to}`" for one in wanted_of if one.to)
        raise Unknown(
            f"a point is for one person, and there are {len(wanted_of)} drafts: choose one of {whom}"
        )
    return Drafts(_all_of(writer, found, point), report)


def template_of(file: MessageFile, context: TemplateContext, as_of: date) -> MessageTemplate:
    """The template in a message file; raises `DraftsUnavailable`, and `InvalidInput` with its mistakes."""
    require("drafts", DraftsUnavailable)
    from followcue.assistant.draft.template import MessageTemplate

    return MessageTemplate(file.place, file.read(), context.names, as_of)


class DraftWriter:
    """Writes the messages of one report, from the templates of a pack; `me` signs them."""

    def __init__(
        self,
        files: Mapping[str, MessageFile],
        vocabulary: Vocabulary,
        situation: Situation,
        report: Report,
        me: str | None = None,
        rule_values: RuleValues | None = None,
    ) -> None:
        self.scene = TemplateContext(vocabulary, situation, report, rule_values)
        self.is_signed = bool(me or self.scene.writer)
        self._files = files
        self._report = report
        self._me = me
        self._actions = {action.id: action for action in report.actions}
        self._steps = {name: step for step in report.steps for name in step.actions}
        self._templates: dict[str, MessageTemplate] = {}

    def of_step(self, step: Step, point: str | None = None) -> tuple[Draft, ...]:
        """The message of a step, which says all its actions that have a template; none if none has.

        A template without a block is a message of its own, and stands behind the others. Raises
        `InvalidInput` and `DraftsUnavailable` as `write_drafts` does.
        """
        told = [a for name in step.actions if (a := self._actions[name]).action in self._files]
        parts = [action for action in told if self._template(action).block]
        whole = [action for action in told if action not in parts]
        found = [parts] if parts else []
        return tuple(self._draft(each, step, point) for each in (*found, *([action] for action in whole)))

    def of_action(self, action: Action, point: str | None = None) -> Draft:
        """The message of one action by itself, which has a template; raises as `of_step` does."""
        return self._draft([action], self._steps.get(action.id), point)

    def _draft(self, actions: Sequence[Action], step: Step | None, point: str | None) -> Draft:
        """One message: the frame of the first action that is no ending, and what each says in its place."""
        parts = sorted(actions, key=self._place)
        head = next((action for action in actions if self._place(action) < _ENDING), actions[0])
        tellings = dict(zip((part.id for part in parts), self._tellings(parts, step, point), strict=True))
        body = self._own(parts, tellings) if len(parts) > 1 else None
        telling = tellings[head.id]
        text = self._template(head).fill(self.scene.values(head, telling), body)
        channel = telling.channel or head.channel
        address = self.scene.address(head, channel) if channel else None
        said = tuple(part.id for part in parts)
        return Draft(head, addressee(head, self._report), text, said, channel, address)

    def _place(self, action: Action) -> int:
        """Where in a message it is said: as the opening, in the body, or as the ending."""
        return BLOCKS.index(self._template(action).block or "body")

    def _own(self, actions: Sequence[Action], tellings: Mapping[str, Telling]) -> str:
        """What each says for itself, one after the other; raises `InvalidInput` with all that is missing."""
        said: list[str] = []
        mistakes: list[Diagnostic] = []
        for action in actions:
            try:
                said.append(self._template(action).own(self.scene.values(action, tellings[action.id])))
            except InvalidInput as problem:
                mistakes += problem.diagnostics
        if mistakes:
            raise InvalidInput(mistakes)
        return "\n\n".join(filter(None, said))

    def _tellings(self, actions: Sequence[Action], step: Step | None, point: str | None) -> Iterator[Telling]:
        """How each is told; the point stands in the first that has a place for it."""
        also = frozenset(action.action for action in actions)
        earlier: list[str] = []
        is_made = False
        for action in actions:
            yield Telling(
                me=self._me,
                point="" if is_made else point,
                channel=step.channel if step else None,
                opens=step.open if step else None,
                also=also,
                earlier=tuple(earlier),
            )
            earlier.append(action.action)
            is_made = is_made or self._template(action).asks_for("point")

    def _template(self, action: Action) -> MessageTemplate:
        found = self._templates.get(action.action)
        if found is None:
            file = self._files[action.action]
            found = self._templates[action.action] = template_of(file, self.scene, self._report.as_of)
        return found


_ENDING = BLOCKS.index("ending")


def _all_of(writer: DraftWriter, found: ChosenMessages, point: str | None) -> tuple[Draft, ...]:
    """All that is meant; raises `InvalidInput` with what is missing anywhere."""
    drafts: list[Draft] = []
    mistakes: list[Diagnostic] = []
    wanted: list[Step | Action] = [*found.steps, *found.actions]
    for one in wanted:
        try:
            drafts += writer.of_step(one, point) if isinstance(one, Step) else [writer.of_action(one, point)]
        except InvalidInput as problem:
            mistakes += problem.diagnostics
    if mistakes:
        raise InvalidInput(mistakes)
    return tuple(drafts)
