"""Who a visitor is: a random token in the browser's cookie, of which only a hash is ever kept.

The token is the only thing that opens a visitor's own conversation. It is never shown, logged or stored;
what the ledger and the workspace hold is made from it and from the publication, so that the same person
is somebody else in another publication.
"""

from __future__ import annotations

import hashlib
import re
import secrets

from studio.workspace.publication_record import PublicationRecord

COOKIE = "studio_visitor"
COOKIE_DAYS = 30
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
_ID_LENGTH = 16


def new_token() -> str:
    """A token that cannot be guessed (192 random bits)."""
    return secrets.token_urlsafe(24)


def is_token(text: str) -> bool:
    """Whether a text has the form of a token; a cookie that somebody made up may not."""
    return _TOKEN.fullmatch(text) is not None


def visitor_id(publication_id: str, token: str) -> str:
    """Who the holder of a token is in a publication: 16 digits that do not tell the token."""
    digest = hashlib.sha256(f"{publication_id}:{token}".encode())
    return digest.hexdigest()[:_ID_LENGTH]


def account_prefix(publication_id: str) -> str:
    """What the accounts of all visitors of a publication begin with."""
    return f"demo:{publication_id}:"


def account_of(publication_id: str, visitor: str) -> str:
    """The account that a visitor's calls are written on, and the key of their conversation."""
    return account_prefix(publication_id) + visitor


def version_met(publication: PublicationRecord, visitor: str) -> int:
    """The version that somebody meets: while two are tested, always the same one.

    Args:
        publication: what they opened.
        visitor: who they are: the id of a visitor, or that of a key of the HTTP interface.
    """
    second, share = publication.second_version, publication.second_share_percent
    if second is not None and meets_second(publication.id, visitor, share):
        return second
    return publication.version


def meets_second(publication_id: str, visitor: str, share_percent: int) -> bool:
    """Whether a visitor belongs to the share that meets a second version.

    Always the same for the same visitor; who belongs to a smaller share belongs to a larger one, too.
    """
    digest = hashlib.sha256(f"split:{publication_id}:{visitor}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64 < share_percent / 100
