"""Names and ids: what a user may call things, and how things are called in addresses.

Knows texts only.
"""

from __future__ import annotations

import re
import secrets
import string
import unicodedata

from studio.errors import InvalidInput
from studio.records import Notice
from studio.workspace.database import clean
from studio.writing_systems import HAN

MAX_NAME = 200
MAX_SLUG = 60
_CHINESE = re.compile(f"[{HAN}]")
_LETTERS = string.ascii_lowercase + string.digits


def new_id() -> str:
    """Ten random lower-case letters and digits; a guesser needs 10^15 tries."""
    return "".join(secrets.choice(_LETTERS) for _ in range(10))


def is_id(text: str) -> bool:
    """Whether a text looks like an id that `new_id` gave."""
    return len(text) == 10 and set(text) <= set(_LETTERS)


def new_secret_id() -> str:
    """A url-safe text that cannot be guessed (192 random bits)."""
    return secrets.token_urlsafe(24)


def slug_of(name: str) -> str:
    """The name in lower-case letters, digits and hyphens, Chinese by its sound (pinyin without tones).

    Empty where nothing of that is in it; cut between words at `MAX_SLUG` characters.
    """
    if _CHINESE.search(name):
        from pypinyin import lazy_pinyin  # its tables take 0.2 s to load

        name = "-".join(lazy_pinyin(name))
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if len(slug) <= MAX_SLUG:
        return slug
    whole, cut, _ = slug[: MAX_SLUG + 1].rpartition("-")
    return whole if cut else slug[:MAX_SLUG]


def checked_name(name: str) -> str:
    """The name without blanks around it.

    Raises:
        InvalidInput: it is empty or longer than `MAX_NAME` characters; `fields` has "name".
    """
    name = clean(name).strip()
    if not name:
        raise InvalidInput(
            "The name is empty. Enter one.", fields={"name": Notice("Enter a name.")}
        )
    if len(name) > MAX_NAME:
        raise InvalidInput(
            "The name has {length} characters; at most {limit} are allowed.",
            fields={"name": Notice("At most {limit} characters.", limit=MAX_NAME)},
            length=len(name),
            limit=MAX_NAME,
        )
    return name
