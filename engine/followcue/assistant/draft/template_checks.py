"""What a message template may consist of: text, values, filters, choices and plain lists.

Templates come from strangers. What is left of the language cannot call anything, cannot compute, and loops
only over the lists of a situation, never loop within loop: every template ends soon.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from jinja2 import nodes

from followcue.assistant.draft.message_files import BLOCKS
from followcue.base.diagnostic import did_you_mean

MAX_DEPTH = 40
"""How deeply the parts of a template may be nested."""

TESTS = ("defined",)

_PLAIN = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Const, nodes.If),
    *(nodes.CondExpr, nodes.And, nodes.Or, nodes.Not, nodes.Compare, nodes.Operand, nodes.Block),
)
_COMPARISONS = ("eq", "ne", "lt", "lteq", "gt", "gteq")

_SAID: dict[type[nodes.Node], str] = {
    nodes.Call: "a call",
    nodes.CallBlock: "a call",
    nodes.Getitem: "`[…]`",
    nodes.Macro: "a macro",
    nodes.Include: "`include`",
    nodes.Import: "`import`",
    nodes.FromImport: "`import`",
    nodes.Extends: "`extends`",
    nodes.Assign: "`set`",
    nodes.AssignBlock: "`set`",
    nodes.FilterBlock: "a filter around a block",
    nodes.List: "a list",
    nodes.Dict: "a mapping",
    nodes.Tuple: "several values with commas",
    nodes.Concat: "`~`",
}


class Objection:
    """What a template must not have: the line, the text to mark there, the sentence and a hint."""

    def __init__(
        self, node: nodes.Node, code: str, message: str, marked: str = "", hint: str | None = None
    ) -> None:
        self.line: int = node.lineno or 0
        self.code = code
        self.message = message
        self.marked = marked
        self.hint = hint


def objections(
    template: nodes.Template, names: Collection[str], filters: Collection[str]
) -> Iterator[Objection]:
    """All that the template must not have; `names` are the values it may start from."""
    targets = {
        loop.target.name for loop in template.find_all(nodes.For) if isinstance(loop.target, nodes.Name)
    }
    yield from _Walk({*names, *targets}, filters).over(template, 0, None)
    yield from _misplaced_blocks(template)


class _Walk:
    """One walk over a template."""

    def __init__(self, names: Collection[str], filters: Collection[str]) -> None:
        self._names = names
        self._filters = filters
        self._line = 1

    def over(self, node: nodes.Node, depth: int, loop: nodes.For | None) -> Iterator[Objection]:
        if depth > MAX_DEPTH:
            hint = f"write at most {MAX_DEPTH} parts inside each other"
            yield Objection(node, "FC703", "the parts of this template are nested too deeply", hint=hint)
            return
        self._line = node.lineno or self._line
        objection = self._to(node, loop)
        if objection:
            objection.line = objection.line or self._line
            yield objection
            return
        inner = node if isinstance(node, nodes.For) else loop
        for child in node.iter_child_nodes():
            yield from self.over(child, depth + 1, inner)

    def _to(self, node: nodes.Node, loop: nodes.For | None) -> Objection | None:
        match node:
            case nodes.Name():
                return self._to_name(node)
            case nodes.Getattr() if node.attr.startswith("_"):
                hint = "name a field of the situation, such as `person.name`"
                return Objection(
                    node, "FC703", f"names such as `{node.attr}` are out of reach", node.attr, hint
                )
            case nodes.Filter() | nodes.Test():
                return self._to_filter(node)
            case nodes.For():
                return _to_loop(node, loop)
            case nodes.CondExpr() if node.expr2 is None:
                hint = "write both cases, as in `{{ a if b else c }}`"
                return Objection(node, "FC703", "this `if` does not say what else to write", "if", hint)
            case nodes.Operand() if node.op not in _COMPARISONS:
                message = "a message cannot ask whether something is `in` something"
                return Objection(node, "FC703", message, hint="ask for each, as in `a == b or a == c`")
        return None if isinstance(node, _PLAIN) else _refused(node)

    def _to_name(self, node: nodes.Name) -> Objection | None:
        if node.name in self._names and not node.name.startswith("_"):
            return None
        hint = did_you_mean(node.name, [name for name in self._names if not name.startswith("_")])
        return Objection(node, "FC705", f"there is no `{node.name}` for a message to use", node.name, hint)

    def _to_filter(self, node: nodes.Filter | nodes.Test) -> Objection | None:
        kind, known = ("filter", self._filters) if isinstance(node, nodes.Filter) else ("test", TESTS)
        if node.name not in known:
            hint = did_you_mean(node.name, known)
            return Objection(node, "FC705", f"there is no {kind} `{node.name}`", node.name, hint)
        if node.node is None or node.kwargs or node.dyn_args or node.dyn_kwargs:
            used = f"{{{{ value | {node.name} }}}}" if kind == "filter" else f"value is {node.name}"
            message = f"the {kind} `{node.name}` is not used like this"
            return Objection(node, "FC703", message, node.name, f"write `{used}`")
        return None


def _misplaced_blocks(template: nodes.Template) -> Iterator[Objection]:
    """What is wrong with its blocks: there is but one, and nothing decides whether it is there."""
    for number, block in enumerate(template.find_all(nodes.Block)):
        if block.name not in BLOCKS:
            message, hint = (
                f"a message cannot have a block `{block.name}`",
                f"it is one of {', '.join(BLOCKS)}",
            )
            yield Objection(block, "FC703", message, block.name, hint)
        elif number or block.scoped or block.required or block not in template.body:
            hint = "leave this one out, or write it once and not inside of an `if` or `for`"
            yield Objection(block, "FC703", "a message has one block, outside of all else", block.name, hint)


def _to_loop(node: nodes.For, outer: nodes.For | None) -> Objection | None:
    if outer is not None:
        hint = "write one after the other, or let a rule say what the inner one is to tell"
        return Objection(node, "FC703", "a loop cannot stand inside a loop", "for", hint)
    if node.recursive:
        return Objection(node, "FC703", "a loop cannot call itself", "recursive", "leave out `recursive`")
    if not isinstance(node.target, nodes.Name) or not isinstance(node.iter, nodes.Getattr | nodes.Name):
        hint = "such as `for person in subject.with`"
        return Objection(node, "FC703", "a loop goes over a list of the situation", "for", hint)
    return None


def _refused(node: nodes.Node) -> Objection:
    said = _SAID.get(type(node))
    if said is None:
        said = "a calculation" if isinstance(node, nodes.BinExpr | nodes.UnaryExpr) else "this"
    hint = "name a value of the situation; what is computed or chosen is for a rule to say"
    return Objection(node, "FC703", f"a message cannot have {said}", hint=hint)
