"""Text from models, made safe to stand in Streamlit's Markdown while its emphasis and lists stay.

Streamlit reads more than Markdown: `$` opens a formula, `:red[...]` a directive, `:smile:` an emoji,
`[...](...)` a link and `![...](...)` an image fetched from elsewhere. For names and labels, where
every sign stands for itself, `notice.plain` is the place. The module draws nothing.
"""

from __future__ import annotations

import re

from components import notice

# A colon before a word could open a directive or an emoji; "10:30" and "see: this" cannot.
_SPECIAL = re.compile(r"[\\$\[\]<>&~]|:(?=[A-Za-z_+-])|^[ \t]*[#=|](?=.)", re.MULTILINE)
_SETEXT = re.compile(r"^([ \t]*)(=+|-+)[ \t]*$", re.MULTILINE)


def escape(text: str) -> str:
    r"""The text with formulas, directives, links, images, tags, headings and tables made literal.

    `escape("costs $5")` is `costs \$5`. Emphasis, lists and code spans stay.
    """
    escaped = _SPECIAL.sub(_with_backslash, text)
    return _SETEXT.sub(r"\1\\\2", escaped)


def _with_backslash(match: re.Match[str]) -> str:
    sign = match.group()
    return sign[:-1] + "\\" + sign[-1]


def plain_lines(text: str) -> str:
    """Text of a person as it was typed: every sign stands for itself, line breaks are kept."""
    return "  \n".join(notice.plain(line) for line in text.splitlines())
