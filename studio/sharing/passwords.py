"""Passwords of publications, kept as salted hashes that are slow to try (scrypt, RFC 7914).

The parameters are one of the equal choices of the OWASP password storage cheat sheet (N 2^14, r 8, p 5:
16 MiB of memory and about a quarter of a second), so that a stolen database does not give the passwords
away. The module keeps nothing and counts no tries.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from studio.errors import InvalidInput
from studio.records import Notice

MIN_LENGTH = 6
MAX_LENGTH = 200  # a longer one would only make the machine work
_N, _R, _P = 2**14, 8, 5
_MAX_MEMORY = 64 * 2**20
_KEY_BYTES = 32


def hash_password(password: str) -> str:
    """The text to keep instead of a password: method, parameters, salt and key.

    Raises:
        InvalidInput: it is shorter than `MIN_LENGTH` or longer than `MAX_LENGTH`; `fields` has
            "password".
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise InvalidInput(
            "The password has {length} characters; it must have {least} to {most}.",
            fields={
                "password": Notice(
                    "It must have {least} to {most} characters.", least=MIN_LENGTH, most=MAX_LENGTH
                )
            },
            length=len(password),
            least=MIN_LENGTH,
            most=MAX_LENGTH,
        )
    salt = secrets.token_bytes(16)
    return "$".join(
        ("scrypt", str(_N), str(_R), str(_P), _text(salt), _text(_key(password, salt, _N, _R, _P)))
    )


def is_password(password: str, kept: str) -> bool:
    """Whether it is the password whose hash is kept; takes equally long either way.

    A hash that cannot be read fits no password.
    """
    if len(password) > MAX_LENGTH:
        return False
    try:
        method, n, r, p, salt, key = kept.split("$")
        if method != "scrypt":
            return False
        tried = _key(password, _bytes(salt), int(n), int(r), int(p))
        return hmac.compare_digest(tried, _bytes(key))
    except ValueError:
        return False


def _key(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    data = password.encode("utf-8", "replace")
    return hashlib.scrypt(data, salt=salt, n=n, r=r, p=p, maxmem=_MAX_MEMORY, dklen=_KEY_BYTES)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
