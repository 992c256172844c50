"""API key tokens: `pw_<prefix>_<secret>`, and how a caller may send one.

The secret has 256 random bits, so one SHA-256 is as good as a slow hash against guessing and cheap enough for
every request. The prefix is public: it finds the row and names the key in lists.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from typing import NamedTuple

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PREFIX_LENGTH = 8
_SECRET_BYTES = 32
_MAX_TOKEN_LENGTH = 256


class Token(NamedTuple):
    """A token and its public part."""

    text: str
    prefix: str


def new_token() -> Token:
    """Make a token from the machine's random generator."""
    prefix = "".join(secrets.choice(_ALPHABET) for _ in range(_PREFIX_LENGTH)).lower()
    return Token(f"pw_{prefix}_{new_secret()}", prefix)


def new_secret() -> str:
    """Return 256 random bits as letters and digits."""
    number = int.from_bytes(secrets.token_bytes(_SECRET_BYTES), "big")
    digits = []
    for _ in range(43):  # 62 ** 43 > 2 ** 256
        number, digit = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[digit])
    return "".join(digits)


def parse_prefix(token: str) -> str | None:
    """Return the public part of something shaped like a token, else None."""
    parts = token.split("_")
    if len(parts) != 3 or parts[0] != "pw" or len(parts[1]) != _PREFIX_LENGTH or not parts[2]:
        return None
    return parts[1] if len(token) <= _MAX_TOKEN_LENGTH and token.isascii() else None


def hash_token(token: str) -> str:
    """Return what is stored instead of the token: its SHA-256 in hex."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def read_credential(value: str | None) -> str | None:
    """Take the secret out of an `Authorization` header or a bare key.

    Understands `Bearer <key>`, `Basic base64(<anything>:<key>)` as Langfuse SDKs send it, and the key itself.

    Returns:
        The secret, or None if there is nothing to look at; what it is worth is for the authenticators to say.
    """
    if value is None or not (value := value.strip()):
        return None
    scheme, _, rest = value.partition(" ")
    match scheme.lower():
        case "bearer":
            return rest.strip() or None
        case "basic":
            return _basic_password(rest.strip())
        case _:
            return value


def _basic_password(encoded: str) -> str | None:
    """Return the password; a user name without one counts as the password (as some exporters send it)."""
    try:
        text = base64.b64decode(encoded, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return encoded or None
    user, _, password = text.partition(":")
    return password or user or None
