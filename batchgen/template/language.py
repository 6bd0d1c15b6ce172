"""The part of Jinja that templates may use, checked on the syntax tree before anything is compiled."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import cast

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

from batchgen.fields import closest
from batchgen.template.operations import LOOP_ATTRIBUTES, TESTS, TEXT_METHODS
from batchgen.template.work import Refused

_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.For,
    nodes.If,
    nodes.CondExpr,
    nodes.Not,
    nodes.Neg,
    nodes.Pos,
    nodes.BinExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.Concat,
    nodes.Filter,
    nodes.Test,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Slice,
    nodes.Call,
    nodes.Keyword,
    nodes.Assign,
    nodes.List,
    nodes.Tuple,
)
_WORDS = {
    nodes.Macro: "macro",
    nodes.CallBlock: "call",
    nodes.FilterBlock: "filter",
    nodes.AssignBlock: "set … endset",
    nodes.Include: "include",
    nodes.Import: "import",
    nodes.FromImport: "import",
    nodes.Extends: "extends",
    nodes.Block: "block",
    nodes.With: "with",
    nodes.Dict: "{ }",
}
_NODES_PER_STEP = 20


def check_language(tree: nodes.Template, filters: Collection[str]) -> None:
    """Raises Refused at the first thing that templates may not do."""
    for node in _walk(tree):
        if not isinstance(node, _ALLOWED):
            word = _WORDS.get(type(node), type(node).__name__.lower())
            raise Refused(f'"{word}" is not available in templates.', "Use placeholders, if, for and set.")
        match node:
            case nodes.Name(name="self" | "super" | "caller"):
                raise Refused(f'"{node.name}" is not available in templates.')
            case nodes.For(recursive=True):
                raise Refused('"recursive" is not available in templates.')
            case nodes.Filter() if node.name not in filters:
                raise _unknown("filter", node.name, filters)
            case nodes.Test() if node.name not in TESTS:
                raise _unknown("test", node.name, TESTS)
            case nodes.Getattr() if node.attr not in TEXT_METHODS | LOOP_ATTRIBUTES:
                raise _no_attribute(node.attr)
            case nodes.Call() | nodes.Filter() | nodes.Test() if node.dyn_args or node.dyn_kwargs:
                raise Refused('"*" before an argument is not available in templates.')


def said_plainly(tree: nodes.Template) -> frozenset[str]:
    """The placeholders that every rendering says as they are, so that an empty cell leaves a gap.

    Those within ``if`` and ``for``, and those with an ``or`` or a ``default``, are looked after.
    """
    outputs = [output for output in tree.body if isinstance(output, nodes.Output)]
    names = (_plain_name(said) for output in outputs for said in output.nodes)
    return frozenset(name for name in names if name is not None)


def _plain_name(said: nodes.Node) -> str | None:
    """``name`` of ``name``, ``name.title()``, ``name|trim``."""
    match said:
        case nodes.Name():
            return said.name
        case nodes.Filter() if said.node is not None and said.name not in ("default", "d"):
            return _plain_name(said.node)
        case nodes.Call() | nodes.Getattr():
            return _plain_name(said.node)
    return None


def bounded(tree: nodes.Template) -> nodes.Template:
    """The same template, with every loop, list and ``~`` charged to the rendering's allowance."""
    return _Bounding().visit(tree)  # type: ignore[no-any-return]


class _Bounding(NodeTransformer):
    def visit_For(self, node: nodes.For) -> nodes.For:  # noqa: N802 - the name that Jinja looks for
        cost = 1 + sum(1 for _ in _walk(node)) // _NODES_PER_STEP
        self.generic_visit(node)
        node.iter = _through("counted", node.iter, nodes.Const(cost))
        return node

    def visit_List(self, node: nodes.List) -> nodes.Expr:  # noqa: N802
        self.generic_visit(node)
        return _through("flat", node)

    def visit_Tuple(self, node: nodes.Tuple) -> nodes.Expr:  # noqa: N802
        self.generic_visit(node)
        return node if node.ctx == "store" else _through("flat", node)

    def visit_Concat(self, node: nodes.Concat) -> nodes.Filter:  # noqa: N802
        self.generic_visit(node)
        return _through("concat", nodes.List(node.nodes, lineno=node.lineno))


def _through(name: str, value: nodes.Node, *args: nodes.Expr) -> nodes.Filter:
    """``value`` through one of the filters that `operations.rewritten` makes."""
    return nodes.Filter(cast("nodes.Expr", value), name, list(args), [], None, None, lineno=value.lineno)


def _walk(tree: nodes.Node) -> Iterator[nodes.Node]:
    """Every node, without recursion: templates may be nested as deeply as their author likes."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(node.iter_child_nodes())


def _no_attribute(name: str) -> Refused:
    meant = None if name.startswith("_") else closest(name, TEXT_METHODS)
    hint = f'Did you mean "{meant}"?' if meant else 'Texts have methods like .upper() and .split(",").'
    return Refused(f'there is no attribute "{name}".', hint)


def _unknown(kind: str, name: str, known: Collection[str]) -> Refused:
    meant = closest(name, known)
    hint = f'Did you mean "{meant}"?' if meant else f"There are: {', '.join(sorted(known))}."
    return Refused(f'there is no {kind} "{name}".', hint)
