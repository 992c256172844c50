"""Putting the sources together: flag > environment > file > profile > default, each value with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pitwall.core.errors import InvalidInput
from pitwall.settings.fields import Profile
from pitwall.settings.groups import Settings
from pitwall.settings.sources import (
    DEFAULT_FILE,
    Layer,
    Origin,
    from_environment,
    from_file,
    from_flags,
    nested,
)

# What a profile changes about the defaults; anything given explicitly still wins.
PROFILE_DEFAULTS: Mapping[Profile, Mapping[str, Any]] = {
    Profile.DEV: {},
    Profile.STAGING: {"logging.format": "json", "access.anonymous": "never"},
    Profile.PROD: {"logging.format": "json", "access.anonymous": "never"},
}


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings with the origin of every value that is not a default.

    Attributes:
        settings: The checked settings.
        origins: Origin by setting path; a path that is missing has its default.
        file: The settings file that was read, if any.
    """

    settings: Settings
    origins: Layer
    file: Path | None


def load_settings(
    *,
    environ: Mapping[str, str],
    config: Path | None = None,
    flags: Mapping[str, Any] | None = None,
) -> Settings:
    """Return the settings; `load` returns where each came from as well.

    Args:
        environ: The environment, read once by the composition root.
        config: Settings file; None takes `pitwall.yaml` of the working directory if it is there.
        flags: Values of command-line flags by setting path; None values were not given.

    Raises:
        InvalidInput: A value is wrong or a key unknown; the message names all of them and their places.
    """
    return load(environ=environ, config=config, flags=flags).settings


def load(
    *,
    environ: Mapping[str, str],
    config: Path | None = None,
    flags: Mapping[str, Any] | None = None,
) -> LoadedSettings:
    """Read all sources, check them together and keep the origin of each value.

    Raises:
        InvalidInput: As for `load_settings`.
    """
    file = config or _default_file()
    given: dict[str, Origin] = dict(from_file(file)) if file else {}
    given |= from_environment(environ)
    given |= from_flags(flags or {})
    origins = {**_profile_layer(given), **given}
    return LoadedSettings(_validate(origins, environ), origins, file)


def _default_file() -> Path | None:
    file = Path(DEFAULT_FILE)
    return file if file.is_file() else None


def _profile_layer(given: Layer) -> Layer:
    """Return the defaults of the profile that was asked for; a wrong name is reported by the validation."""
    name = given["profile"].value if "profile" in given else Profile.DEV
    if name not in list(Profile):
        return {}
    profile = Profile(name)
    return {path: Origin(value, "profile", profile) for path, value in PROFILE_DEFAULTS[profile].items()}


def _validate(origins: Layer, environ: Mapping[str, str]) -> Settings:
    tree = nested({path: origin.value for path, origin in origins.items()})
    try:
        return Settings.model_validate(tree, context={"environ": environ})
    except ValidationError as error:
        raise _explain(error, origins) from error


def _explain(error: ValidationError, origins: Layer) -> InvalidInput:
    """Tell every wrong value at once, each with its place; values are not repeated, they may be secrets."""
    problems = []
    for item in error.errors(include_url=False, include_input=False, include_context=False):
        path = ".".join(str(part) for part in item["loc"])
        problems.append(f"{path}{_place(path, origins)}: {item['msg'].removeprefix('Value error, ')}.")
    return InvalidInput(
        "\n".join(["Settings are not valid:", *problems]),
        code="settings.invalid",
        hint="`pitwall config show` lists all settings and what they are for.",
        details={"problems": problems},
    )


def _place(path: str, origins: Layer) -> str:
    """Return ` (source place)` of a setting or, for a rule about a whole group, of the settings in it."""
    places = sorted({str(origin) for key, origin in origins.items() if _covers(path, key)})
    return f" ({', '.join(places)})" if places else ""


def _covers(path: str, key: str) -> bool:
    return path == key or key.startswith(f"{path}.") or path.startswith(f"{key}.")
