"""The files of a pack's layers -> a checked pack and its program, or every mistake in them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from followcue.base.diagnostic import Diagnostic, InvalidInput, Span, did_you_mean, nearest
from followcue.language.documents.checked import checked_document
from followcue.language.documents.document import Document
from followcue.language.logic.computed import unused_computations
from followcue.language.logic.from_model import clauses_of, column_problems
from followcue.language.logic.program import Aggregate, Atom, Clause, Component, Program
from followcue.language.logic.stratify import Dependency, NotStratified, stratify
from followcue.language.logic.told_values import names_in, parameters_told, sentence_problems, values_of
from followcue.language.logic.unchanged import Known, KnownWords, words_of
from followcue.language.model.citations import UNWRITTEN
from followcue.language.model.decision_table import Table, as_one_rule
from followcue.language.model.layers import merge_layers
from followcue.language.model.pack import ClauseInfo, Pack, RuleInfo, ValueAt, is_helper
from followcue.language.model.read_tables import read_rule_file
from followcue.language.model.rules import Rule, RuleFile, StepHead, Where
from followcue.language.model.vocabulary import Citation, Vocabulary


@dataclass(frozen=True, slots=True)
class Layer:
    """One folder of rules: its name, its YAML files by relative name, and the path to show before these."""

    name: str
    files: Mapping[str, bytes]
    origin: str = ""


@dataclass(frozen=True, slots=True)
class CompiledPack:
    """A pack, the program that its matchers run, and what is in force as its authors said it.

    The rows of the tables are among the rules.
    """

    pack: Pack
    program: Program
    rules: tuple[Rule, ...] = ()
    tables: tuple[Table, ...] = ()


def compile_pack(layers: Sequence[Layer]) -> CompiledPack:
    """Reads, checks and compiles a pack; raises InvalidInput with every mistake in its files."""
    read = [_ReadLayer.of(layer) for layer in layers]
    problems = [problem for layer in read for problem in layer.problems]
    if any(layer.words_unread for layer in read):
        # what a name misses may stand in what could not be read
        raise InvalidInput(_hinted(problems, read))
    words = words_of([layer.vocabulary for layer in read])
    vocabulary = words.vocabulary
    problems += words.problems
    if vocabulary is None:
        raise InvalidInput(problems)
    files, found = _read_files(read, words)
    problems += found
    rules, tables, found, gone = merge_layers(files)
    if any(layer.rules_unread for layer in read):
        found = [problem for problem in found if problem.code != "FC420"]
    misspelt = {problem.span for problem in problems if problem.code == "FC204" and problem.span}
    problems += [problem for problem in found if problem.span not in misspelt]
    clauses = _clauses(rules, words.of_rules.seen, problems, words.of_rules.rules)
    problems += (problem for table in tables for problem in column_problems(table, vocabulary))
    problems += _unused(rules, tables)
    if problems:
        raise InvalidInput(problems)
    vocabulary = with_helpers(vocabulary, clauses)
    program = Program(dict(vocabulary.relations), clauses, _stratified(clauses, rules))
    return CompiledPack(_pack(layers, vocabulary, rules, clauses, gone), program, tuple(rules), tables)


def _read_files(
    read: Sequence[_ReadLayer], words: KnownWords
) -> tuple[list[list[RuleFile]], list[Diagnostic]]:
    """The rules and tables of each file, by layers, and what is wrong with their phrases."""
    shapes = {id(document): problems for layer in read for document, problems in layer.rules}
    known = words.of_rules
    found = known.files.each(
        [document for layer in read for document, _ in layer.rules],
        lambda document: read_rule_file(document, known.seen, shapes[id(document)]),
    )
    each = iter(found)
    files = [[next(each)[0] for _ in layer.rules] for layer in read]
    return files, [problem for _, problems in found for problem in problems]


def compile_rules(rules: Sequence[Rule], vocabulary: Vocabulary, like: Pack) -> CompiledPack:
    """A pack of these rules and this vocabulary, else as `like`; raises InvalidInput with every mistake.

    What only files can have wrong, such as two rules of one name, is not looked for.
    """
    problems: list[Diagnostic] = []
    clauses = _clauses(rules, vocabulary, problems)
    if problems:
        raise InvalidInput(problems)
    vocabulary = with_helpers(vocabulary, clauses)
    program = Program(dict(vocabulary.relations), clauses, _stratified(clauses, rules))
    pack = like._replace(
        vocabulary=vocabulary,
        rules={rule.id: info_of(rule, vocabulary) for rule in rules},
        clauses=_clause_infos(clauses, rules, vocabulary),
        gone=like.gone,
    )
    return CompiledPack(pack, program, tuple(rules))


@dataclass(frozen=True, slots=True)
class _ReadLayer:
    """The documents of one layer that could be read, rule files with the problems of their shape.

    `words_unread`: a file of its vocabulary has not the shape of one; `misshapen` are those that are YAML.
    `rules_unread`: a file of rules could not be read at all, so that nobody knows which rules stand in it.
    """

    vocabulary: tuple[Document, ...]
    rules: tuple[tuple[Document, tuple[Diagnostic, ...]], ...]
    problems: tuple[Diagnostic, ...]
    words_unread: bool = False
    rules_unread: bool = False
    misshapen: tuple[Document, ...] = ()

    @classmethod
    def of(cls, layer: Layer) -> _ReadLayer:
        vocabulary: list[Document] = []
        rules: list[tuple[Document, tuple[Diagnostic, ...]]] = []
        problems: list[Diagnostic] = []
        unread: set[str] = set()
        misshapen: list[Document] = []
        for name in sorted(layer.files):
            kind = "vocabulary" if is_vocabulary(name) else "rules"
            document, found = checked_document(layer.files[name], layer.origin + name, kind)
            problems += found
            if document is None or (found and kind == "vocabulary"):
                unread.add(kind)
                misshapen += [document] if document is not None else []
            elif kind == "rules":
                rules.append((document, found))
            else:
                vocabulary.append(document)
        words, rest = "vocabulary" in unread, "rules" in unread
        return cls(tuple(vocabulary), tuple(rules), tuple(problems), words, rest, tuple(misshapen))


def _hinted(problems: Iterable[Diagnostic], read: Sequence[_ReadLayer]) -> list[Diagnostic]:
    """The problems; where a layer declares an action without its title, an action below it may be meant."""
    hints: dict[Span | None, str] = {}
    below: set[str] = set()
    for height, layer in enumerate(read):
        for document in layer.misshapen if height else ():
            for name, action in _actions_of(document).items():
                near = nearest(name, below)
                if near is not None and not (isinstance(action, dict) and "title" in action):
                    meant = "" if near == name else f"did you mean `{near}`? But "
                    said = f"{meant}a layer cannot change an action below it; a new one has a title"
                    hints[document.span(("actions", name), key=True)] = said
        for document in (*layer.vocabulary, *layer.misshapen):
            below |= set(_actions_of(document))
    return [
        problem._replace(hint=hints[problem.span])
        if problem.code == "FC203" and problem.span and problem.span in hints
        else problem
        for problem in problems
    ]


def _actions_of(document: Document) -> Mapping[str, object]:
    found = document.data.get("actions") if isinstance(document.data, dict) else None
    return found if isinstance(found, dict) else {}


def is_vocabulary(name: str) -> bool:
    """Whether a file of a pack holds vocabulary: `vocabulary.yaml` or a file in `vocabulary/`."""
    return name.split("/")[0] in ("vocabulary", "vocabulary.yaml")


# --- rules -> clauses
def _clauses(
    rules: Sequence[Rule],
    vocabulary: Vocabulary,
    problems: list[Diagnostic],
    known: Known[Rule, tuple[list[Clause], list[Diagnostic]]] | None = None,
) -> tuple[Clause, ...]:
    clauses: list[Clause] = []
    plain = with_helpers(vocabulary, ())
    for made, found in (known or Known()).each(rules, lambda rule: _of_rule(rule, vocabulary, plain)):
        clauses += made
        problems += found
    return tuple(clauses)


def _of_rule(rule: Rule, vocabulary: Vocabulary, plain: Vocabulary) -> tuple[list[Clause], list[Diagnostic]]:
    """The clauses of a rule, and what is wrong with it; `plain` is the vocabulary without helpers."""
    made, found = clauses_of(rule, vocabulary)
    own = [clause for clause in made if clause.helper is None]
    words = with_helpers(plain, made) if len(own) < len(made) else plain
    return made, [*found, *_undeclared(rule, vocabulary), *sentence_problems(rule, own, words)]


def _unused(rules: Iterable[Rule], tables: Iterable[Table]) -> Iterator[Diagnostic]:
    """Values that a rule, or a table as a whole, reckons for nothing."""
    of_tables = {table.rule_id(row) for table in tables for row in table.rows}
    alone = (rule for rule in rules if rule.id not in of_tables)
    for rule in (*alone, *map(as_one_rule, tables)):
        yield from unused_computations(rule, names_in(rule.head))


def with_helpers(vocabulary: Vocabulary, clauses: Iterable[Clause]) -> Vocabulary:
    """The vocabulary with the relations that rules make for themselves, and no others of that sort."""
    relations = {name: found for name, found in vocabulary.relations.items() if not is_helper(name)}
    relations |= {clause.helper.name: clause.helper for clause in clauses if clause.helper}
    return vocabulary._replace(relations=relations)


def _undeclared(rule: Rule, vocabulary: Vocabulary) -> list[Diagnostic]:
    """Mentions of actions, sources and items that the vocabulary does not declare."""
    problems = []
    head = rule.head
    if head is not None and head.step is not None:
        problems += _undeclared_in_step(head.step, vocabulary)
    elif head is not None and head.kind not in ("conclude", "warn") and head.target not in vocabulary.actions:
        problems.append(_no_action(head.target, head.where, vocabulary))
    for citation, where in rule.cites:
        mistake = _uncited(citation, vocabulary)
        if mistake is not None:
            message, hint = mistake
            problems.append(where.problem("FC309", message, None, hint))
    return problems


def _no_action(name: str, where: Where, vocabulary: Vocabulary) -> Diagnostic:
    near = did_you_mean(name, vocabulary.actions) or "declare it under `actions:`"
    return where.problem("FC302", f"there is no action `{name}`", None, near)


def _undeclared_in_step(step: StepHead, vocabulary: Vocabulary) -> list[Diagnostic]:
    """Actions and groups that a `step` rule names and that are not there, or cannot be done so."""
    actions = vocabulary.actions
    problems = [_no_action(m.name, m.where, vocabulary) for m in step.actions if m.name not in actions]
    groups = {action.group for action in actions.values() if action.group}
    for mention in step.groups:
        if mention.name not in groups:
            near = did_you_mean(mention.name, groups) or "give actions of the vocabulary this `group`"
            problems.append(
                mention.where.problem("FC302", f"no action has the group `{mention.name}`", None, near)
            )
    if step.change.rides or step.change.in_silence:
        for mention in step.actions:
            if mention.name in actions and actions[mention.name].message is None:
                message = f"`{mention.name}` is no message, so it neither rides nor keeps silence"
                hint = "give the action a `message`, or leave this out"
                problems.append(mention.where.problem("FC325", message, None, hint))
    if step.change.rides:
        for mention in step.actions:
            kind = actions.get(mention.name)
            message_kind = vocabulary.messages.get(kind.message or "") if kind else None
            if kind and (kind.alone or (message_kind and message_kind.alone)):
                message = f"`{mention.name}` is alone in its message, so it cannot ride on another"
                hint = "leave `alone` out in the vocabulary, or this"
                problems.append(mention.where.problem("FC325", message, None, hint))
    return problems


def _uncited(citation: Citation, vocabulary: Vocabulary) -> tuple[str, str | None] | None:
    """What is wrong with a citation, and the likely fix."""
    source, item = citation.source, citation.item
    if source not in vocabulary.sources and source not in UNWRITTEN:
        return f"there is no source `{source}`", did_you_mean(source, vocabulary.sources)
    if item is None or not vocabulary.items:
        return None
    if item not in vocabulary.items:
        return f"there is no item `{item}`", did_you_mean(item, vocabulary.items)
    if source not in (*vocabulary.items[item], *UNWRITTEN):
        return f"`{item}` is not in `{source}`", "it comes from " + ", ".join(vocabulary.items[item])
    return None


def _stratified(clauses: Sequence[Clause], rules: Iterable[Rule]) -> tuple[Component, ...]:
    by_id = {rule.id: rule for rule in rules}
    try:
        return stratify(clauses)
    except NotStratified as circle:
        raise InvalidInput([_circle_problem(circle, clauses, by_id)]) from None


def _circle_problem(
    circle: NotStratified, clauses: Sequence[Clause], rules: Mapping[str, Rule]
) -> Diagnostic:
    """Names every link: which rule makes which conclusion wait for which other."""
    notes = []
    links = _without_helpers(circle.links)
    for link in links:
        rule = rules[clauses[link.clause].rule]
        needs = "waits until all is known of" if link.completed else "rests on"
        if rule.where.span:
            notes.append((f"`{link.head}` {needs} `{link.on}` (rule `{rule.id}`)", rule.where.span))
    way = " -> ".join(f"`{name}`" for name in [*(link.head for link in links), links[0].head])
    first = rules[clauses[links[0].clause].rule]
    problem = first.where.problem(
        "FC401",
        f"a conclusion depends on its own absence or count: {way}",
        hint="let `no`, `count`, `newest` and the like name something that does not rest on this conclusion",
    )
    return problem._replace(related=tuple(notes))


def _without_helpers(links: Sequence[Dependency]) -> list[Dependency]:
    """The links of a circle, each through a helper of a rule as one."""
    start = next((n for n, link in enumerate(links) if not is_helper(link.head)), 0)
    found: list[Dependency] = []
    for link in (*links[start:], *links[:start]):
        if is_helper(link.head) and found:
            before = found.pop()
            link = Dependency(before.clause, before.head, link.on, before.completed or link.completed)
        found.append(link)
    return found


# --- the pack
def _pack(
    layers: Sequence[Layer],
    vocabulary: Vocabulary,
    rules: Iterable[Rule],
    clauses: Iterable[Clause],
    gone: frozenset[str],
) -> Pack:
    return Pack(
        name=layers[0].name,
        version=content_hash(layers),
        layers=tuple(layer.name for layer in layers),
        vocabulary=vocabulary,
        rules={rule.id: info_of(rule, vocabulary) for rule in rules},
        clauses=_clause_infos(clauses, rules, vocabulary),
        gone=gone,
    )


def content_hash(layers: Iterable[Layer]) -> str:
    """A hash of the names and contents of all files, which names this version of the pack."""
    digest = hashlib.sha256()
    for layer in layers:
        for name in sorted(layer.files):
            content = layer.files[name]
            digest.update(f"{len(name)}:{name}:{len(content)}:".encode(errors="surrogateescape"))
            digest.update(content)
        digest.update(b"|")
    return digest.hexdigest()[:16]


def info_of(rule: Rule, vocabulary: Vocabulary) -> RuleInfo:
    """What advice needs to know of a rule in force besides its logic."""
    head = rule.head
    assert head is not None, "a rule in force has a head"
    span = rule.where.span
    return RuleInfo(
        id=rule.id,
        head=head.kind,
        title=head.target if head.kind == "warn" else rule.title,
        action=None if head.kind in ("conclude", "step", "warn") else head.target,
        priority=head.priority,
        always=rule.is_always_a_tip,
        do=head.do,
        avoid=head.avoid,
        cites=tuple(citation for citation, _ in rule.cites),
        overrides=tuple(mention.name for mention in rule.overrides),
        origin=f"{span.file}:{span.line}" if span else "",
        say=head.say,
        why=head.why,
        actions=_changed(head.step, vocabulary) if head.step else (),
        step=head.step.change if head.step else None,
        advice_title=head.title,
    )


def _changed(step: StepHead, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The names of the actions that a `step` rule changes."""
    named = {mention.name for mention in step.actions}
    groups = {mention.name for mention in step.groups}
    return tuple(name for name, kind in vocabulary.actions.items() if name in named or kind.group in groups)


def _clause_infos(
    clauses: Iterable[Clause], rules: Iterable[Rule], vocabulary: Vocabulary
) -> tuple[ClauseInfo, ...]:
    """How to read the derivations of each clause, the values that its rule's sentences name among it."""
    told = {rule.id: names for rule in rules if (names := names_in(rule.head))}
    own: dict[str, list[Clause]] = {name: [] for name in told}
    for clause in clauses:
        if clause.rule in own:
            own[clause.rule].append(clause)
    fixed = {name: parameters_told(own[name], names, vocabulary) for name, names in told.items()}
    return tuple(
        clause_info(clause, (*values_of(clause, told[clause.rule], vocabulary), *fixed[clause.rule]))
        if clause.rule in told
        else clause_info(clause)
        for clause in clauses
    )


def clause_info(clause: Clause, values: tuple[ValueAt, ...] = ()) -> ClauseInfo:
    """How to read the derivations of a clause, with the `values` that its rule tells."""
    return ClauseInfo(
        clause.rule,
        clause.head.relation,
        tuple(atom.relation for atom in clause.body),
        tuple(aggregate.atom.relation for aggregate in clause.aggregates),
        values,
        tuple(_asked(atom) for atom in clause.body) + tuple(map(_asked_of_rows, clause.aggregates)),
    )


def _asked(atom: Atom) -> tuple[int, ...]:
    """The columns of which an atom demands something."""
    return tuple(sorted({column for column, _ in atom.joins} | {test.column for test in atom.tests}))


def _asked_of_rows(aggregate: Aggregate) -> tuple[int, ...]:
    """The same of the rows of an aggregate, with what it takes from them."""
    taken = {column for column, _ in aggregate.outputs}
    taken |= set() if aggregate.column is None else {aggregate.column}
    return tuple(sorted(taken.union(_asked(aggregate.atom))))
