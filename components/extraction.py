"""Finds every translatable text in the sources and brings the catalogues of translations up to date.

    python -m components.extraction

rewrites each `.po` file: new texts come in empty, changed ones marked fuzzy, gone ones are dropped.
A test compares the sources with the catalogues in the same way. Nothing here runs with the studio.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from components import i18n

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("studio", "components", "pages")
KEYWORDS = {
    "_": 1,
    "ngettext": 2,
    "Notice": 1,
    "StudioError": 1,
    "InvalidInput": 1,
    "NotFound": 1,
    "AccessDenied": 1,
    "LimitReached": 1,
    "DataError": 1,
    "IndexMismatch": 1,
    "ModelUnavailable": 1,
    "DeadlineExceeded": 1,
    "EngineLost": 1,
    "Overloaded": 1,
    "Cancelled": 1,
    "StorageFull": 1,
    "PriceUnknown": 1,
}
"""Calls that carry texts for the user -> how many of their first arguments are such texts."""

SENTENCE_FILES = (
    "studio/inference/builtin_models.py",
    "studio/inference/spec_checks.py",
    "studio/inference/local_weights.py",
    "studio/inference/catalogue.py",
)
"""Modules whose bare sentences reach the user: notes, and what is wrong with a field (`i18n.say`)."""
SENTENCE = re.compile(r"[A-Z].* .*[.]", re.DOTALL)

HEADER = """\
# Texts of the Prototype Studio. Brought up to date by `python -m components.extraction`.
msgid ""
msgstr ""
"Language: {locale}\\n"
"Plural-Forms: {plurals}\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""
"""Only what readers need: dates and versions would differ with every update."""


def extract(root: Path = ROOT) -> Catalog:
    """Every translatable text of the sources, in the order of files and lines, without translations."""
    found = Catalog(domain=i18n.DOMAIN)
    for path in sorted(path for folder in FOLDERS for path in (root / folder).rglob("*.py")):
        name, source = path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")
        texts: list[str | tuple[str, ...]] = []
        for _line, call in calls(source):
            parts = tuple(part for part in call if part)
            if parts and len(parts) == len(call):
                texts.append(parts if len(parts) > 1 else parts[0])
        if name in SENTENCE_FILES:
            texts += _sentences(source)
        for text in texts:
            # No line numbers: they would change the file with every unrelated edit.
            found.add(text, locations=[(name, 0)])
    return found


def calls(source: str) -> list[tuple[int, tuple[str | None, ...]]]:
    """The calls of a module that carry a text: line, and its texts (None for what is no literal).

    Read from the syntax tree, so that calls inside f-strings are found too.
    """
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        n_texts = KEYWORDS.get(name, 0)
        if n_texts:
            found.append((node.lineno, tuple(_literal(arg) for arg in node.args[:n_texts])))
            if n_texts == 1:  # what is said of one
                found += [
                    (node.lineno, (_literal(arg),)) for arg in node.args[1:2] if _literal(arg)
                ]
    return sorted(found, key=lambda call: call[0])


def _literal(node: ast.expr) -> str | None:
    return (
        str(node.value) if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
    )


def _sentences(source: str) -> list[str]:
    """Bare strings of a module that are whole sentences; docstrings and pieces of others are not."""
    tree = ast.parse(source)
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr | ast.Expr):
            skipped |= {id(child) for child in ast.walk(node)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in skipped
        and SENTENCE.fullmatch(node.value)
    ]


def update(code: str, template: Catalog) -> Catalog:
    """Merge the template into a language's catalogue and rewrite its file.

    Returns the merged catalogue.
    """
    path, locale = i18n.po_path(code), i18n.LOCALE_FOLDERS[code]
    catalogue = Catalog(locale=locale, domain=i18n.DOMAIN)
    if path.exists():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=locale, domain=i18n.DOMAIN)
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        header = HEADER.format(locale=locale, plurals=catalogue.plural_forms)
        file.write(header.encode())
        write_po(
            file, catalogue, width=100, omit_header=True, sort_by_file=True, include_lineno=False
        )
    return catalogue


def main() -> None:
    """Bring every language up to date."""
    template = extract()
    for code in i18n.LOCALE_FOLDERS:
        update(code, template)


if __name__ == "__main__":
    main()
