"""The file of model profiles, checked so that an error names file and line."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import ConfigDict, Field, SecretStr, ValidationError

from pitwall.kit.documented import Documented
from pitwall.llm.errors import ProfilesInvalid
from pitwall.llm.simulated import SIMULATED

Price = Annotated[Decimal, Field(ge=0)]


class Provider(StrEnum):
    """Who has a model; decides how it is spoken to and where it is unless the profile says."""

    OPENAI = "openai"
    OPENAI_COMPATIBLE = "openai_compatible"
    VLLM = "vllm"
    OLLAMA = "ollama"
    SIMULATED = "simulated"


class _Entry(Documented):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelEntry(_Entry):
    """One model; what is left out is as in `ModelEndpoint`."""

    provider: Provider
    model: str = Field(min_length=1)
    base_url: str | None = Field(default=None, pattern=r"^https?://\S+$")
    api_key: SecretStr | None = None
    temperature: float | None = Field(default=0.0, ge=0)
    seed: int | None = None
    max_tokens: int = Field(default=2048, ge=1)
    timeout_seconds: float = Field(default=120.0, gt=0)
    concurrency: int = Field(default=16, ge=1, le=1024)
    requests_per_minute: int | None = Field(default=None, ge=1)
    tokens_per_minute: int | None = Field(default=None, ge=1)
    input_usd_per_million: Price | None = None
    output_usd_per_million: Price | None = None
    options: dict[str, Any] = Field(default_factory=dict)


class ProfileEntry(_Entry):
    """One profile."""

    llm: ModelEntry
    embedding: ModelEntry | None = None
    thresholds: dict[str, float] = Field(default_factory=dict)
    description: str = ""


class _File(_Entry):
    profiles: dict[str, ProfileEntry]


def read_profile_file(path: Path) -> Mapping[str, ProfileEntry]:
    """Read the profiles of a file.

    Raises:
        ProfilesInvalid: It cannot be read, or something in it is wrong; all problems are named with their
            lines.
    """
    try:
        text = path.read_text("utf-8")
        root, content = yaml.compose(text, Loader=yaml.SafeLoader), yaml.safe_load(text)
    except OSError as error:
        raise _invalid(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise _invalid(f"{path} is not UTF-8 text.") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = 1 if mark is None else mark.line + 1
        raise _invalid(f"{path}:{line}: not valid YAML: {getattr(error, 'problem', error)}.") from error
    try:
        profiles = _File.model_validate(content).profiles
    except ValidationError as error:
        raise _explain(path, root, error) from error
    if SIMULATED in profiles:
        line = _line(root, ("profiles", SIMULATED))
        raise _invalid(f"{path}:{line}: the profile {SIMULATED!r} is built in; give yours another name.")
    return profiles


def _invalid(message: str, problems: list[str] | None = None) -> ProfilesInvalid:
    return ProfilesInvalid(
        message,
        hint="A profile is `name: {llm: {provider, model}, embedding: {provider, model}}` below `profiles:`.",
        details={"problems": problems or [message]},
    )


def _explain(path: Path, root: yaml.Node | None, error: ValidationError) -> ProfilesInvalid:
    """Name all problems; values are not repeated, they may be secrets."""
    problems = []
    for one in error.errors(include_url=False, include_input=False, include_context=False):
        place = ".".join(map(str, one["loc"])) or "the file"
        problems.append(f"{path}:{_line(root, one['loc'])}: {place}: {one['msg']}.")
    return _invalid("\n".join(["The model profiles are not valid:", *problems]), problems)


def _line(node: yaml.Node | None, place: tuple[int | str, ...]) -> int:
    """The line of a place, or of what comes nearest to it."""
    line = 1
    for part in place:
        members = node.value if isinstance(node, yaml.MappingNode) else []
        found = next(((key, value) for key, value in members if key.value == str(part)), None)
        if found is None:
            break
        line, node = found[0].start_mark.line + 1, found[1]
    return line
