"""Texts of the job file with placeholders → texts of one row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, meta, nodes
from jinja2 import Template as JinjaTemplate
from jinja2.parser import Parser
from jinja2.runtime import Context, LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from batchgen.fields import closest, normal
from batchgen.template.language import bounded, check_language, said_plainly
from batchgen.template.operations import (
    LOOP_ATTRIBUTES,
    TEXT_METHODS,
    calculate,
    filters,
    rewritten,
    sized_methods,
    text_of,
)
from batchgen.template.work import MOST_CHARACTERS, MOST_STEPS, NoSuchColumn, Refused, Work

RowContext = Context
"""The texts of one row, ready for all templates."""

LONGEST_TEMPLATE = 20_000
"""Characters; a script has at most 5,000."""

_MOST_LISTED = 12
_MARKS = ("{{", "{%", "{#")
_SAID = ("data", "variable_begin")  # the parts of a template of which something is seen
_FUNCTIONS = ("range",)
_FAILURES = (TemplateError, ArithmeticError, TypeError, ValueError, LookupError, AttributeError, RecursionError)


class TemplateProblem(ValueError):
    """A template cannot be used, or cannot be rendered for a row; ``message`` and ``hint`` are for people."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(f"{message} {hint}".rstrip())


class PlaceholderProblem(TemplateProblem):
    """A template names a column that is not there, or that cannot be told from another."""


@dataclass(frozen=True, kw_only=True)
class Template:
    """One compiled text. ``placeholders`` are the columns that it uses.

    ``said_plainly`` are those of them that leave a gap where the cell is empty: no ``or``, ``default`` or ``if``
    looks after them. ``says_only`` is the column whose text it yields as it is, where that is all it does.
    """

    text: str
    placeholders: frozenset[str]
    said_plainly: frozenset[str]
    says_only: str | None
    _parts: JinjaTemplate | None
    _sets_names: bool
    _work: Work

    @property
    def is_constant(self) -> bool:
        """Whether it yields its own text for every row."""
        return self._parts is None

    def render(self, row: RowContext) -> str:
        """The text for one row. Raises TemplateProblem."""
        if self._parts is None:
            return self.text
        # What one template sets must not be seen by the next one of the row.
        context = self._parts.new_context(row.parent, shared=True) if self._sets_names else row
        self._work.begin()
        try:
            return _joined(self._parts.root_render_func(context))
        except _FAILURES as exc:
            raise _problem(exc) from exc


class Templates:
    """Compiles the templates of one job. Rendering them in several threads at once is not supported."""

    def __init__(
        self, columns: Collection[str], *, results: Collection[str] = (), say: Callable[[Any], str] = text_of
    ) -> None:
        """``columns`` are the placeholders there are, ``results`` the result columns, which are none.

        ``say`` makes the text of a value that is put in; what the template itself says stays as it is.
        """
        self._columns = frozenset(columns)
        self._results = frozenset(results)
        self._work = Work()
        self._environment = _Sandbox(self._work, say)

    def compile(self, text: str, *, more: Collection[str] = ()) -> Template:
        """The text as a template that may use the columns and ``more``. Raises TemplateProblem."""
        if not any(mark in text for mark in _MARKS):
            return self._constant(text)
        return self._compiled(text, self._environment.parse, frozenset(more))

    def outline(self, text: str, sample: str) -> str:
        """All that the template can say, whatever its conditions decide: its own text, ``sample`` for each value."""
        pieces = ((kind, piece) for _, kind, piece in self._environment.lex(text))
        return "".join(sample if kind == "variable_begin" else piece for kind, piece in pieces if kind in _SAID)

    def condition(self, expression: str) -> Template:
        """An expression like ``approved == 'yes'``; renders to a text that is empty when it does not hold."""
        return self._compiled(expression, self._parse_condition, frozenset())

    def row(self, values: Mapping[str, str]) -> RowContext:
        """What all templates of one row are rendered with: the texts of its columns."""
        return Context(self._environment, {"range": self._environment.range, **values}, None, {})

    def _compiled(self, text: str, parse: Callable[[str], nodes.Template], more: frozenset[str]) -> Template:
        if len(text) > LONGEST_TEMPLATE:
            raise TemplateProblem(f"it is longer than {LONGEST_TEMPLATE:,} characters.")
        self._work.begin()
        try:
            tree = parse(text)
            check_language(tree, self._environment.known_filters)
            self._fold_names(tree, self._columns | more)
            placeholders = frozenset(meta.find_undeclared_variables(tree)) - (set(_FUNCTIONS) - self._columns)
            self._check_placeholders(placeholders, self._columns | more)
            plainly = said_plainly(tree) & placeholders
            says_only = _only_name(tree)
            sets_names = tree.find(nodes.Assign) is not None
            code = self._environment.compile(bounded(tree))
        except (*_FAILURES, SyntaxError, MemoryError) as exc:
            raise _problem(exc) from exc
        parts = JinjaTemplate.from_code(self._environment, code, {})
        return Template(
            text=text,
            placeholders=placeholders,
            said_plainly=plainly,
            says_only=says_only,
            _parts=parts,
            _sets_names=sets_names,
            _work=self._work,
        )

    def _constant(self, text: str) -> Template:
        nothing: frozenset[str] = frozenset()
        return Template(
            text=text,
            placeholders=nothing,
            said_plainly=nothing,
            says_only=None,
            _parts=None,
            _sets_names=False,
            _work=self._work,
        )

    def _parse_condition(self, expression: str) -> nodes.Template:
        parser = Parser(self._environment, expression, state="variable")
        condition = parser.parse_expression()
        if not parser.stream.eos:
            raise TemplateSyntaxError(f"unexpected {parser.stream.current}", parser.stream.current.lineno)
        _refuse_bare_names(condition)
        holds = nodes.CondExpr(condition, nodes.Const("holds"), nodes.Const(""), lineno=1)
        tree = nodes.Template([nodes.Output([holds], lineno=1)], lineno=1)
        tree.set_environment(self._environment)
        return tree

    def _fold_names(self, tree: nodes.Template, known: frozenset[str]) -> None:
        """Placeholders match headers as headers match fields: ``First_Name`` and ``Größe`` are meant, too."""
        for name in tree.find_all(nodes.Name):
            if name.name not in known and normal(name.name) in known:
                name.name = normal(name.name)

    def _check_placeholders(self, used: frozenset[str], known: frozenset[str]) -> None:
        for name in sorted(used & self._results - known):
            raise NoSuchColumn(f'"{name}" is a result column.', "Templates use your own columns only.")
        unknown = {name: closest(name, known) for name in sorted(used - known)}
        listed = f"There are: {_listed(known)}." if known else ""
        match list(unknown.items()):
            case []:
                return
            case [(name, meant)]:
                raise NoSuchColumn(f'there is no column "{name}".', f'Did you mean "{meant}"?' if meant else listed)
            case several:
                raise NoSuchColumn(f"there are no columns {', '.join(_with_guess(*each) for each in several)}.", listed)


def _with_guess(name: str, meant: str | None) -> str:
    return f'"{name}" (did you mean "{meant}"?)' if meant else f'"{name}"'


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, with less in it and a price on everything that can grow."""

    intercepted_binops = frozenset(["+", "-", "*", "/", "//", "%", "**"])

    def __init__(self, work: Work, say: Callable[[Any], str]) -> None:
        super().__init__(undefined=StrictUndefined, keep_trailing_newline=True, finalize=say, cache_size=0)
        self.filters.clear()
        self.known_filters = frozenset(filters(work))
        self.filters.update(filters(work) | rewritten(work))
        self.globals.clear()
        self._work = work
        self._sized = sized_methods(work)

    def range(self, *bounds: int) -> range:
        """Python's range, refused when it is longer than any loop may be."""
        numbers = range(*bounds)
        if len(numbers) > MOST_STEPS:
            raise Refused(f"its loops take more than {MOST_STEPS:,} steps.", "Loop over less.")
        return numbers

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if isinstance(obj, LoopContext):
            return attr in LOOP_ATTRIBUTES
        return isinstance(obj, str) and attr in TEXT_METHODS

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        return calculate(self._work, operator, left, right)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805
        if __obj == __self.range:
            return __obj(*args)
        text, name = getattr(__obj, "__self__", None), getattr(__obj, "__name__", "")
        if not isinstance(text, str) or name not in TEXT_METHODS:
            raise Refused("only methods of texts and range() can be called.")
        if name in __self._sized:
            return __self._sized[name](text, *args)
        __self._work.touch(len(text))
        return __obj(*args, **kwargs)


def _only_name(tree: nodes.Template) -> str | None:
    """``name`` of ``{{ name }}``."""
    match tree.body:
        case [nodes.Output(nodes=[nodes.Name(name=name)])]:
            return name
    return None


def _refuse_bare_names(condition: nodes.Node) -> None:
    """A cell that says FALSE or no is a text and therefore true: whoever writes ``approved`` does not mean that."""
    match condition:
        case nodes.Name():
            message = f'"{condition.name}" alone holds for every cell with something in it, also for FALSE and no.'
            raise Refused(message, f"Write {condition.name} == 'yes', or {condition.name} != '' for any text.")
        case nodes.And() | nodes.Or():
            _refuse_bare_names(condition.left)
            _refuse_bare_names(condition.right)


def _listed(names: frozenset[str]) -> str:
    shown = sorted(names)[:_MOST_LISTED]
    return ", ".join(shown) + (", …" if len(names) > len(shown) else "")


def _joined(parts: Iterator[str]) -> str:
    texts: list[str] = []
    length = 0
    for part in parts:
        length += len(part)
        if length > MOST_CHARACTERS:
            raise Refused(f"it makes a text longer than {MOST_CHARACTERS:,} characters.", "Make it shorter.")
        texts.append(part)
    return "".join(texts)


def _problem(exc: BaseException) -> TemplateProblem:
    match exc:
        case NoSuchColumn():
            return PlaceholderProblem(str(exc), exc.hint)
        case Refused():
            return TemplateProblem(str(exc), exc.hint)
        case TemplateSyntaxError():
            hint = "Placeholders look like {{ first_name }}: lower case, _ for spaces."
            return TemplateProblem(f"line {exc.lineno}: {exc.message}.", hint)
        case RecursionError() | SyntaxError() | MemoryError():
            return TemplateProblem("it is nested too deeply.", "Make it simpler.")
        case ZeroDivisionError():
            return TemplateProblem("it divides by zero.")
        case TypeError():
            return TemplateProblem(f"{exc}.", "Cells are texts: write |int or |float to calculate.")
        case _:
            return TemplateProblem(f"{str(exc).rstrip('.')}.")
