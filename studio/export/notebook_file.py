"""A notebook from a Python file whose cells begin with `# %%` or `# %% [markdown]`.

So the code of an exported notebook is linted like any other. Knows no prototype.
"""

from __future__ import annotations

import json

_CODE, _TEXT = "# %%", "# %% [markdown]"


def notebook(source: str, name: str) -> str:
    """The notebook as JSON (nbformat 4.5).

    Args:
        source: the file's text; `__NAME__` in a text cell stands for the name.
        name: of the prototype, as it is shown.
    """
    cells: list[tuple[bool, list[str]]] = []
    for line in source.splitlines():
        if line in (_CODE, _TEXT):
            cells.append((line == _TEXT, []))
        elif cells:
            cells[-1][1].append(line)
    content = {
        "cells": [
            _cell(number, is_text, lines, name) for number, (is_text, lines) in enumerate(cells)
        ],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _cell(number: int, is_text: bool, lines: list[str], name: str) -> dict[str, object]:
    if is_text:
        lines = [line.removeprefix("#").removeprefix(" ") for line in lines]
        lines = [line.replace("__NAME__", name) for line in lines]
    source = "\n".join(lines).strip("\n").splitlines(keepends=True)
    common: dict[str, object] = {"id": f"cell-{number:02d}", "metadata": {}, "source": source}
    if is_text:
        return {"cell_type": "markdown", **common}
    return {"cell_type": "code", "execution_count": None, "outputs": [], **common}
