"""Formulas of the business models: written once, then computed with money, with arrays, and in Excel.

A formula is a text such as `ceil(fixed_cost / unit_margin)`: names of other figures, numbers,
`+ - * / **`, comparisons, and the functions of `FUNCTIONS`. What a reader sees, what is computed and
what stands in the workbook are the same text. It is parsed into a tree of a few known nodes; nothing
else is understood.

A result that does not exist (a division by zero, `only_if` whose condition does not hold) is None with
Decimals and NaN with arrays, and so is all that depends on it. It is never infinite.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

FUNCTIONS: Mapping[str, int] = {
    "ceil": 1,  # the next whole number; what differs from one by less than 1e-9 is that one
    "min": 2,
    "max": 2,
    "where": 3,  # where(condition, this, else that)
    "only_if": 2,  # only_if(condition, value): no value where it does not hold
    "replicas_for": 1,  # replicas_for(peak requests per second), by the serving
    "least_units": 4,  # least_units(fixed, margin, peak rate, replica): ServingSteps.break_even
}
"""Functions and how many arguments each takes."""

_OPERATORS: Mapping[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Eq: "==",
}


class Arithmetic(Protocol):
    """How one kind of number is computed with; values are of that kind or mark a missing one."""

    def number(self, text: str) -> Any:  # Any: Decimal or an array, by implementation
        """A constant."""
        ...

    def operate(self, operator: str, left: Any, right: Any) -> Any:
        """`left operator right`; comparisons give what `where` takes."""
        ...

    def call(self, function: str, arguments: tuple[Any, ...]) -> Any:
        """One of `FUNCTIONS`."""
        ...


Evaluate = Callable[[Mapping[str, Any], Arithmetic], Any]


@dataclass(frozen=True, slots=True)
class Formula:
    """A parsed formula; `names` are what it needs, in the order they appear, each once."""

    text: str
    names: tuple[str, ...]
    tree: ast.expr
    evaluate: Evaluate


@cache
def formula(text: str) -> Formula:
    """Parse a formula.

    Raises:
        ValueError: it has something that formulas do not have. A fault of the program.
    """
    tree = ast.parse(text, mode="eval").body
    names = dict.fromkeys(
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id not in FUNCTIONS
    )
    ordered = sorted(names, key=lambda name: _first_place(tree, name))
    return Formula(text, tuple(ordered), tree, _compile(tree))


def operator_of(node: ast.AST) -> str:
    """The sign of an operator's node.

    Raises:
        ValueError: formulas do not have it.
    """
    sign = _OPERATORS.get(type(node))
    if sign is None:
        raise ValueError(f"formulas have no {type(node).__name__}")
    return sign


def function_of(node: ast.Call) -> str:
    """The function that a call names.

    Raises:
        ValueError: there is none, or it takes another number of arguments.
    """
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if node.keywords or FUNCTIONS.get(name) != len(node.args):
        raise ValueError(f"formulas have no {ast.unparse(node)}")
    return name


def operands_of(node: ast.AST) -> tuple[ast.AST, ast.expr, ast.expr]:
    """Operator, left and right side of an operation or a comparison.

    Raises:
        ValueError: it is neither, or a chain of comparisons.
    """
    if isinstance(node, ast.BinOp):
        return node.op, node.left, node.right
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        return node.ops[0], node.left, node.comparators[0]
    raise ValueError(f"formulas have no {type(node).__name__}")


def _first_place(tree: ast.expr, name: str) -> int:
    return min(
        node.col_offset for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == name
    )


def _compile(node: ast.expr) -> Evaluate:
    """The tree as nested functions, which are quicker than walking it each time."""
    match node:
        case ast.Constant(value=int() | float() as value):
            text = str(value)
            return lambda _, arithmetic: arithmetic.number(text)
        case ast.Name(id=name):
            return lambda values, _: values[name]
        case ast.Call():
            return _compiled_call(node)
        case _:
            return _compiled_operation(node)


def _compiled_call(node: ast.Call) -> Evaluate:
    function = function_of(node)
    arguments = [_compile(argument) for argument in node.args]
    return lambda values, arithmetic: arithmetic.call(
        function, tuple(argument(values, arithmetic) for argument in arguments)
    )


def _compiled_operation(node: ast.expr) -> Evaluate:
    operator, left, right = operands_of(node)
    sign, first, second = operator_of(operator), _compile(left), _compile(right)
    return lambda values, arithmetic: arithmetic.operate(
        sign, first(values, arithmetic), second(values, arithmetic)
    )
