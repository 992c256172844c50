"""What settings are made of: the base of their groups, and types that several groups use."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from pitwall.kit.documented import Documented
from pitwall.settings.secrets import Secret

MIB = 1024**2
GIB = 1024**3

Port = Annotated[int, Field(ge=0, le=65535)]
Days = Annotated[int, Field(ge=1, le=36_500)]


def split_list(value: object) -> object:
    """Let an environment variable give a list as `a,b,c`."""
    if isinstance(value, str):
        return [item.strip() for item in value.split(",") if item.strip()]
    return value


def _expand_home(path: Path) -> Path:
    return path.expanduser()


def _known_timezone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"there is no time zone {name!r}; write it as Asia/Seoul") from error


def _split_pairs(value: object) -> object:
    """Let an environment variable give a mapping as `a=1,b=2`."""
    if isinstance(value, str):
        pairs = (item.partition("=") for item in value.split(",") if item.strip())
        return {name.strip(): text.strip() for name, _, text in pairs}
    return value


StrList = Annotated[tuple[str, ...], BeforeValidator(split_list)]
StrMap = Annotated[dict[str, str], BeforeValidator(_split_pairs)]
SecretMap = Annotated[dict[str, Secret], BeforeValidator(_split_pairs)]
UserPath = Annotated[Path, AfterValidator(_expand_home)]
TimeZoneName = Annotated[str, AfterValidator(_known_timezone)]
TrackerUrl = Annotated[str, Field(pattern=r"^https?://[^\s/@]+(/\S*)?$")]


class Profile(StrEnum):
    """How careful to be: `dev` is open on loopback, `prod` refuses to start when something is unsafe."""

    DEV = "dev"
    STAGING = "staging"
    PROD = "prod"


class MaskingMode(StrEnum):
    """What happens to a match of a masking rule."""

    OFF = "off"
    REDACT = "redact"


class MaskingRule(StrEnum):
    """What can be masked before telemetry is stored."""

    SECRETS = "secrets"
    EMAIL = "email"
    PHONE = "phone"
    CARD = "card"
    RESIDENT_NUMBER = "resident_number"


class Group(Documented):
    """Base of all groups: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)
