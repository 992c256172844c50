"""Secrets by reference: `secret://env/NAME` and `secret://file/PATH` are read when settings load."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, SecretStr, ValidationInfo

SCHEME = "secret://"
HIDDEN = "********"


def resolve_reference(reference: str, environ: Mapping[str, str]) -> str:
    """Return the secret a reference points to.

    Args:
        reference: `secret://env/NAME`, `secret://file/absolute/path`, `secret://file/./relative/path` or
            `secret://file/~/path`.
        environ: Where `env` references look.

    Raises:
        ValueError: The reference cannot be read or points to nothing; the message never holds the secret.
    """
    kind, _, name = reference.removeprefix(SCHEME).partition("/")
    if kind == "env" and name:
        return _from_environment(name, environ)
    if kind == "file" and name:
        return _from_file(name)
    raise ValueError(f"{reference!r} is no secret reference; use secret://env/NAME or secret://file/PATH")


def _from_environment(name: str, environ: Mapping[str, str]) -> str:
    value = environ.get(name, "")
    if not value:
        raise ValueError(f"environment variable {name} is not set or empty")
    return value


def _from_file(name: str) -> str:
    path = Path(name).expanduser() if name.startswith(("./", "../", "~")) else Path("/", name)
    try:
        value = path.read_text("utf-8").strip()
    except OSError as error:
        raise ValueError(f"secret file {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"secret file {path} is not UTF-8 text") from error
    if not value:
        raise ValueError(f"secret file {path} is empty")
    return value


def _resolve(value: object, info: ValidationInfo) -> object:
    if isinstance(value, str) and value.startswith(SCHEME):
        return resolve_reference(value, (info.context or {}).get("environ", {}))
    return value


Secret = Annotated[SecretStr, BeforeValidator(_resolve)]
"""A secret given in clear or by reference."""


def mask_url(url: str) -> str:
    """Return a store address that may be shown: the password and the query are hidden."""
    scheme, separator, rest = url.partition("://")
    address, question_mark, _ = rest.partition("?")
    netloc, slash, path = address.partition("/")
    user, at, host = netloc.rpartition("@")
    name, colon, _ = user.partition(":")
    shown_user = f"{name}:{HIDDEN}" if colon else user
    shown_query = f"?{HIDDEN}" if question_mark else ""
    return f"{scheme}{separator}{shown_user}{at}{host}{slash}{path}{shown_query}"
