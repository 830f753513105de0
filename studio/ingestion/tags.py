"""Texts with HTML in them, as shops export descriptions, as people read them.

For pieces of text with a few tags; whole pages are read by `web`. Knows no files.
"""

from __future__ import annotations

import html
import re
from html.entities import html5

# "a<b and b>c" is no tag: an attribute has a value, or is one of the few that need none.
_ATTRIBUTES = (
    r"""(?P<attributes>(?:\s+(?:[a-z_:@][\w:.@-]*\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>=`]+)"""
    r"|async|checked|controls|defer|disabled|hidden|noshade|nowrap|required|selected))*)\s*/?>"
)
_TAG = re.compile(
    r"<!--.*?-->|<(?P<close>/?)(?P<name>a|abbr|b|blockquote|body|br|center|code|dd|div|dl|dt|em|font"
    r"|h[1-6]|head|hr|html|i|img|li|link|meta|ol|p|pre|s|script|small|span|strong|style|sub|sup|table"
    r"|tbody|td|tfoot|th|thead|title|tr|u|ul)" + _ATTRIBUTES,
    re.IGNORECASE | re.DOTALL,
)
_ALONE = frozenset(
    ("br", "dd", "div", "dt", "hr", "img", "li", "link", "meta", "p", "span", "td", "th", "tr")
)
"""Elements whose tags stand without their counterparts, too; "the <title> tag" tells of one."""
_HIDDEN = re.compile(
    rf"<(?P<name>script|style){_ATTRIBUTES}.*?</(?P=name)\s*>", re.IGNORECASE | re.DOTALL
)
_BREAKS = re.compile(rf"<(?:br|/p|/div|/li|/tr|/h[1-6]|hr){_ATTRIBUTES}", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)


def without_tags(text: str) -> str:
    """A text without HTML tags and entities; what only looks like one stays.

    Where a paragraph, a line or an item of a list ends, a line ends.
    """
    if not ("<" in text or "&" in text) or not (_TAG.search(text) or _ENTITY.search(text)):
        return text
    plain = _HIDDEN.sub("", text)
    there = {(one["close"], (one["name"] or "").casefold()) for one in _TAG.finditer(plain)}

    def tag(found: re.Match[str]) -> str:
        name = (found["name"] or "").casefold()
        other = ("" if found["close"] else "/", name)
        is_tag = not name or name in _ALONE or found["attributes"] or other in there
        if not is_tag:
            return found[0]
        return "\n" if _BREAKS.match(found[0]) else ""

    mended = _ENTITY.sub(_sign_of, _TAG.sub(tag, plain))
    return text if mended == text else mended.strip()


def _sign_of(entity: re.Match[str]) -> str:
    """The sign that a whole entity stands for; one that nobody knows stays."""
    name = entity[0][1:]
    return html.unescape(entity[0]) if name[0] == "#" or name in html5 else entity[0]
