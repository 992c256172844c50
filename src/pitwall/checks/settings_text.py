"""Settings as texts that can be compared; a secret is a fingerprint of itself."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

from pydantic import SecretStr

from pitwall.kit.hashing import content_hash
from pitwall.settings import Settings
from pitwall.settings.sources import setting_fields


def setting_texts(settings: Settings) -> dict[str, str]:
    """Every setting by its path."""
    return {path: _text(reduce(getattr, path.split("."), settings)) for path in setting_fields()}


def _text(value: Any) -> str:
    if isinstance(value, SecretStr):
        return content_hash(f"setting {value.get_secret_value()}")[:12]
    if isinstance(value, Mapping):
        return ",".join(f"{name}={_text(one)}" for name, one in sorted(value.items()))
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return "" if value is None else str(value)
