"""Secrets that probes name."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import SecretStr

from pitwall.kit.i18n import Text
from pitwall.probes.findings import CannotAsk, said

_MISSING = Text(
    "the setting probes.secrets has no {name!r}", "설정 probes.secrets에 {name!r} 항목이 없습니다"
)


def reveal(name: str | None, secrets: Mapping[str, SecretStr]) -> str | None:
    """Return a secret by name, None where none is named.

    Raises:
        CannotAsk: It is not set.
    """
    if name is None:
        return None
    if name not in secrets:
        raise CannotAsk(said(_MISSING, name=name))
    return secrets[name].get_secret_value()
