"""Formulas of the business models as Excel writes them, with cells in place of names."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

from studio.economics.arithmetic import PLACES
from studio.economics.formula import Formula, function_of, operands_of, operator_of

_SIGNS = {"**": "^", "==": "="}
_STRENGTH = {"==": 1, ">": 1, ">=": 1, "<": 1, "<=": 1, "+": 2, "-": 2, "*": 3, "/": 3, "**": 4}
_ATOM = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcelWriter:
    """Writes formulas for one place of a workbook.

    `cell_of` gives the cell of a name; `replicas_for` the formula for a number of servers from that
    of a rate; `least_units` the cell of a break-even that a table of the workbook computes, from the
    text of its formula.
    """

    cell_of: Callable[[str], str]
    replicas_for: Callable[[str], str]
    least_units: Callable[[str], str]

    def write(self, formula: Formula) -> str:
        """The formula without its leading equals sign."""
        return self._text(formula.tree)[0]

    def arguments(self, call: ast.Call) -> tuple[str, ...]:
        """The arguments of a call, each ready to stand in brackets."""
        return tuple(self._text(argument)[0] for argument in call.args)

    def _text(self, node: ast.expr) -> tuple[str, int]:
        """A node, and how strongly its outermost sign binds."""
        match node:
            case ast.Constant(value=value):
                return str(value), _ATOM
            case ast.Name(id=name):
                return self.cell_of(name), _ATOM
            case ast.Call():
                return self._call(node), _ATOM
        operator, left, right = operands_of(node)
        sign = operator_of(operator)
        strength = _STRENGTH[sign]
        first = self._operand(left, strength)
        # Only sums and products may follow their like without brackets: a - (b - c), a / (b / c).
        second = self._operand(right, strength + (sign not in ("+", "*")))
        return f"{first}{_SIGNS.get(sign, sign)}{second}", strength

    def _operand(self, node: ast.expr, strength: int) -> str:
        text, own = self._text(node)
        return text if own >= strength else f"({text})"

    def _call(self, node: ast.Call) -> str:
        function = function_of(node)
        if function == "least_units":
            return self.least_units(ast.unparse(node))
        arguments = self.arguments(node)
        match function:
            case "ceil":
                return f"ROUNDUP(ROUND({arguments[0]},{PLACES}),0)"
            case "where":
                return f"IF({','.join(arguments)})"
            case "only_if":
                return f"IF({','.join(arguments)},NA())"
            case "replicas_for":
                return self.replicas_for(arguments[0])
        return f"{function.upper()}({','.join(arguments)})"


def break_evens(formula: Formula) -> tuple[ast.Call, ...]:
    """The break-evens in a formula, which need a table in a workbook."""
    return tuple(
        node
        for node in ast.walk(formula.tree)
        if isinstance(node, ast.Call) and function_of(node) == "least_units"
    )
