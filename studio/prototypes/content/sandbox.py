"""A user's Jinja, filled in without doing any harm.

The sandbox allows places, conditions, loops over lists of the form, and a few filters. Everything else
is refused when it is read, before anything runs: attributes, items, calls, tests and filters that are
not listed, imports, macros, assignments, `range`. So nothing can be reached, and a loop is no longer
than the list that somebody typed; nested loops, the length and the time are limited.

What fills a place stays there. In the form for large models it is put between marks that the system
prompt explains, and the mark is broken where a value contains it; in the form for small models, which
such marks confuse, it is brought to one line.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, Literal

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from studio.errors import InvalidInput
from studio.records import Notice

Fence = Literal["marks", "line"]

MAX_INSTRUCTIONS = 8_000
MAX_RENDERED = 60_000
MAX_SECONDS = 1.0
MAX_LOOP_DEPTH = 2
MAX_NESTING = 60
"""How deep conditions, filters and brackets may stand in one another: what is read reads itself."""
OPEN, CLOSE = "<data>", "</data>"

FILTERS = (
    "join",
    "lower",
    "upper",
    "trim",
    "default",
    "length",
    "first",
    "last",
    "replace",
    "title",
)
TESTS = ("defined", "undefined", "none")
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.For,
    nodes.Filter, nodes.Test, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not,
    nodes.CondExpr, nodes.Keyword,
)  # fmt: skip
_FENCE_MARK = re.compile(r"<\s*/?\s*data\s*>", re.IGNORECASE)
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
)


class Trusted(str):
    """A value that the user's own template fixes (a choice): it needs no fence."""

    __slots__ = ()


class _TooMuch(Exception):
    """The template writes too much or too long."""


def problem_of(instructions: str, variables: Mapping[str, str]) -> Notice | None:
    """Why an instruction cannot be used; None when it can.

    Args:
        instructions: Jinja.
        variables: name -> type of what it may use.
    """
    try:
        lists = frozenset(name for name, kind in variables.items() if kind == "list")
        _checked(instructions, frozenset(variables), lists)
    except InvalidInput as error:
        return error.notice
    return None


def render(instructions: str, values: Mapping[str, Any], fence: Fence) -> str:
    """The instruction with the values of the form in their places.

    Args:
        instructions: Jinja.
        values: name -> text, list of texts, number, or `Trusted`.
        fence: how values are kept in their places.

    Raises:
        InvalidInput: it uses what is not allowed or not there, or writes too much.
    """
    lists = frozenset(name for name, value in values.items() if isinstance(value, list | tuple))
    _checked(instructions, frozenset(values), lists)
    try:
        parts = list(_counted(_template(instructions, fence).generate(**values)))
    except _TooMuch:
        raise InvalidInput(
            "The filled-in instruction is longer than {limit:,} characters, or takes too long. "
            "Shorten the instruction or what was typed.",
            limit=MAX_RENDERED,
        ) from None
    except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
        raise InvalidInput(
            "The instruction cannot be filled in: a filter or a comparison does not fit the value that "
            "it is used on, such as a text compared with a number. Change it, or leave it out."
        ) from error
    return re.sub(r"\n{3,}", "\n\n", "".join(parts)).strip()


def _counted(parts: Iterable[str]) -> Iterator[str]:
    """The parts, as long as they are not too many and take no more than a second of this thread."""
    n, began_s = 0, time.thread_time()
    for part in parts:
        n += len(part)
        if n > MAX_RENDERED or time.thread_time() - began_s > MAX_SECONDS:
            raise _TooMuch
        yield part


def fenced(value: str, fence: Fence) -> str:
    """A value that cannot leave its place: between marks, or on one line. Empty stays empty."""
    value = _CONTROL.sub("", value).strip()
    if not value:
        return ""
    value = _FENCE_MARK.sub(lambda match: match.group().replace("<", "‹").replace(">", "›"), value)
    if fence == "marks":
        return f"{OPEN}{value}{CLOSE}"
    return re.sub(r"\s*[\r\n\u2028\u2029]+\s*", "; ", value)


@lru_cache(maxsize=256)
def _checked(instructions: str, names: frozenset[str], lists: frozenset[str]) -> None:
    """Refuse what is not allowed.

    Raises:
        InvalidInput: with the line and what is allowed instead.
    """
    if len(instructions) > MAX_INSTRUCTIONS:
        raise InvalidInput(
            "The instruction has {n:,} characters; at most {limit:,} are allowed. Shorten it.",
            n=len(instructions),
            limit=MAX_INSTRUCTIONS,
        )
    if not instructions.strip():
        raise InvalidInput("The instruction is empty. Say what is to be written.")
    try:
        tree = _environment().parse(instructions)
    except TemplateSyntaxError as error:
        raise InvalidInput(
            "The instruction has a mistake in line {line}: {reason}. Places look like {place}.",
            line=error.lineno,
            reason=_mistake(error.message or ""),
            place="{{ name }}",
        ) from error
    except RecursionError:
        raise _too_deep() from None
    _check_nesting(tree)
    _check_nodes(tree, names, lists, depth=0)


def _check_nesting(tree: nodes.Template) -> None:
    """Refuse what stands so deep that reading or running it would end in an error of Python's."""
    level: list[nodes.Node] = [tree]
    for _depth in range(MAX_NESTING):
        level = [child for node in level for child in node.iter_child_nodes()]
        if not level:
            return
    raise _too_deep()


def _too_deep() -> InvalidInput:
    return InvalidInput(
        "Conditions, filters or brackets of the instruction stand in one another more than {limit} "
        "deep. Write them one after another.",
        limit=MAX_NESTING,
    )


def _check_nodes(
    node: nodes.Node, names: frozenset[str], lists: frozenset[str], depth: int
) -> None:
    for child, within, known in _children(node, names, depth):
        if isinstance(child, nodes.For):
            _check_loop(child, lists, within)
        _check_node(child, known)
        _check_nodes(child, known, lists, within)


def _children(
    node: nodes.Node, names: frozenset[str], depth: int
) -> Iterator[tuple[nodes.Node, int, frozenset[str]]]:
    """Children with the depth of loops around them and the names that are known there."""
    if not isinstance(node, nodes.For):
        for child in node.iter_child_nodes():
            yield child, depth, names
        return
    yield node.iter, depth, names
    inner = names | {name.name for name in node.target.find_all(nodes.Name)}
    if isinstance(node.target, nodes.Name):
        inner |= {node.target.name}
    for part in (*node.body, *node.else_, *([node.test] if node.test else [])):
        yield part, depth + 1, inner


def _check_loop(loop: nodes.For, lists: frozenset[str], depth: int) -> None:
    """A loop goes over what somebody typed, so that it ends; over no text, whose letters are many."""
    if (
        depth >= MAX_LOOP_DEPTH
        or loop.recursive
        or not isinstance(loop.target, nodes.Name)
        or not (isinstance(loop.iter, nodes.Name) and loop.iter.name in lists)
    ):
        raise _refused(
            loop.lineno,
            Notice("a loop may only go over a list of the form, in two levels at most"),
        )


def _check_node(node: nodes.Node, names: frozenset[str]) -> None:
    if not isinstance(node, _ALLOWED):
        raise _refused(node.lineno, _reason(node))
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        raise _refused(
            node.lineno,
            Notice(
                "the filter {name} is not one of {allowed}",
                name=node.name,
                allowed=", ".join(FILTERS),
            ),
        )
    if isinstance(node, nodes.Test) and node.name not in TESTS:
        raise _refused(
            node.lineno,
            Notice(
                "the test {name} is not one of {allowed}", name=node.name, allowed=", ".join(TESTS)
            ),
        )
    if isinstance(node, nodes.Name) and node.name not in names:
        raise InvalidInput(
            "The instruction uses {name} in line {line}, which is no field of the form. The fields "
            "are: {known}.",
            name=node.name,
            line=node.lineno,
            known=", ".join(sorted(names)) or "–",
        )


def _mistake(message: str) -> Notice:
    """What Jinja, which says it in English, found wrong with a template."""
    if found := re.search(r"unknown tag '([^']*)'", message):
        return Notice("{tag} is no tag, or has no beginning", tag=found[1])
    if found := re.search(r"that needs to be closed is '([^']+)'", message):
        return Notice("the tag {tag} is missing", tag=f"end{found[1]}")
    if found := re.search(r"(?:unexpected char|got|unexpected) '(?!end of)([^']+)'", message):
        return Notice("{sign} does not belong where it stands", sign=found[1])
    return Notice("a place or a block is not whole")


def _reason(node: nodes.Node) -> Notice:
    match node:
        case nodes.Getattr() | nodes.Getitem():
            return Notice("it reaches into a value with a dot or brackets")
        case nodes.Call():
            return Notice("it calls something")
        case nodes.Assign() | nodes.AssignBlock():
            return Notice("it sets a value of its own")
        case nodes.Include() | nodes.Import() | nodes.FromImport() | nodes.Extends():
            return Notice("it takes in another template")
        case nodes.Macro() | nodes.CallBlock() | nodes.FilterBlock() | nodes.Block():
            return Notice("it has a block of its own (macro, call, filter or block)")
        case nodes.BinExpr() | nodes.UnaryExpr() | nodes.Concat():
            return Notice("it reckons with values or joins them")
        case nodes.List() | nodes.Tuple() | nodes.Dict():
            return Notice("it makes a list of its own")
    return Notice("it uses something that is not allowed here")


def _refused(line: int, reason: Notice) -> InvalidInput:
    return InvalidInput(
        "Line {line} of the instruction is refused: {reason}. Use places, if, for and the filters "
        "{filters}.",
        line=line,
        reason=reason,
        filters=", ".join(FILTERS),
    )


@lru_cache(maxsize=256)
def _template(instructions: str, fence: Fence) -> Template:
    def finalize(value: Any) -> str:  # Any: whatever an expression gives
        if isinstance(value, Trusted | bool | int | float):
            return str(value)
        if isinstance(value, list | tuple):
            value = "; ".join(map(str, value))
        return fenced(str(value), fence)

    return _environment().overlay(finalize=finalize).from_string(instructions)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # text for a model, no HTML
    )
    environment.globals.clear()
    environment.filters["join"] = _join
    environment.filters["replace"] = _replace
    return environment


def _join(values: Sequence[object], separator: str = "; ") -> str:
    """A list as one text. A text is not taken apart, and the separator is short: no text grows."""
    if isinstance(values, str):
        return values
    return separator[:20].join(map(str, values))


def _replace(value: object, old: object, new: object, count: int | None = None) -> str:
    """A text with another in the place of some in it.

    Looked at before it is made: of the filters that are allowed only this one makes a text longer, and
    each of a chain makes what the one before gave many times as long.
    """
    text, sought, put = str(value), str(old), str(new)
    n = text.count(sought) if count is None else min(count, text.count(sought))
    if len(text) + n * (len(put) - len(sought)) > MAX_RENDERED:
        raise _TooMuch
    return text.replace(sought, put, -1 if count is None else count)
