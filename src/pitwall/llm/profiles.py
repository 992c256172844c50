"""Named profiles of models: which model judges and which embeds, from a YAML file; `simulated` needs none.

profiles:
  dev:
    description: Small models on this machine
    llm: {provider: ollama, model: "qwen2.5:7b"}
    embedding: {provider: ollama, model: bge-m3}
  prod:
    llm:
      provider: openai
      model: gpt-5-mini
      api_key: secret://env/OPENAI_API_KEY
      requests_per_minute: 500
    thresholds: {faithfulness: 0.8}
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from pitwall.llm.errors import ProfileUnknown, ProfileUnusable
from pitwall.llm.profile_file import ModelEntry, ProfileEntry, Provider, read_profile_file
from pitwall.llm.simulated import SIMULATED
from pitwall.llm.types import Api, ModelEndpoint
from pitwall.settings import Settings
from pitwall.settings.secrets import SCHEME, resolve_reference

DEFAULT_FILE: Final = "models.yaml"
BUILT_IN: Final = "built-in"
_APIS: Final = {
    Provider.OPENAI: Api.OPENAI,
    Provider.OPENAI_COMPATIBLE: Api.OPENAI,
    Provider.VLLM: Api.OPENAI,
    Provider.OLLAMA: Api.OLLAMA,
    Provider.SIMULATED: Api.SIMULATED,
}


@dataclass(frozen=True, slots=True)
class _Defaults:
    """What a provider has where a profile says nothing: from the environment, else this."""

    url_variable: str
    url: str | None = None
    key_variable: str | None = None


_PROVIDERS: Final = {
    Provider.OPENAI: _Defaults("OPENAI_BASE_URL", "https://api.openai.com/v1", "OPENAI_API_KEY"),
    Provider.OPENAI_COMPATIBLE: _Defaults("OPENAI_BASE_URL", None, "OPENAI_API_KEY"),
    Provider.VLLM: _Defaults("VLLM_BASE_URL", None, "VLLM_API_KEY"),
    Provider.OLLAMA: _Defaults("OLLAMA_BASE_URL", "http://127.0.0.1:11434"),
}


@dataclass(frozen=True, slots=True)
class ModelProfile:
    """Models under a name.

    Attributes:
        judge: The model that answers questions.
        embedding: The model that embeds texts, None if the profile names none.
        thresholds: What cases pass at, by metric, where neither a flag nor the dataset says otherwise.
        origin: The file, or `built-in`.
    """

    name: str
    judge: ModelEndpoint
    embedding: ModelEndpoint | None = None
    thresholds: Mapping[str, float] = field(default_factory=dict)
    description: str = ""
    origin: str = BUILT_IN


SIMULATED_ENDPOINT: Final = ModelEndpoint(
    Api.SIMULATED, SIMULATED, input_usd_per_million=Decimal(0), output_usd_per_million=Decimal(0)
)
SIMULATED_PROFILE: Final = ModelProfile(
    SIMULATED,
    SIMULATED_ENDPOINT,
    SIMULATED_ENDPOINT,
    description="No model: rules in this process that look at words. For demos and tests.",
)


class ModelProfiles:
    """All profiles there are.

    Args:
        entries: Of the file.
        origin: The file.
        environ: Where references to secrets and defaults of providers look.
    """

    def __init__(self, entries: Mapping[str, ProfileEntry], origin: str, environ: Mapping[str, str]) -> None:
        self._entries = entries
        self._origin = origin
        self._environ = environ

    @property
    def names(self) -> list[str]:
        """Names of all of them, the built-in one last."""
        return [*self._entries, SIMULATED]

    def get(self, name: str) -> ModelProfile:
        """Return a profile, its secrets read.

        Raises:
            ProfileUnknown: There is none of this name.
            ProfileUnusable: A secret or an address is missing.
        """
        if name == SIMULATED:
            return SIMULATED_PROFILE
        entry = self._entries.get(name)
        if entry is None:
            raise self._unknown(name)
        embedding = entry.embedding
        return ModelProfile(
            name,
            self._endpoint(name, "llm", entry.llm),
            None if embedding is None else self._endpoint(name, "embedding", embedding),
            entry.thresholds,
            entry.description,
            self._origin,
        )

    def _unknown(self, name: str) -> ProfileUnknown:
        near = difflib.get_close_matches(name, self.names, n=1)
        where = f" in {self._origin}" if self._entries else f"; there is no {DEFAULT_FILE}"
        listed = ", ".join(self.names)
        way_out = f"Did you mean {near[0]!r}? " if near else ""
        return ProfileUnknown(
            f"There is no model profile {name!r}{where}.",
            hint=f"{way_out}There are: {listed}. `simulated` needs no model; others stand in {DEFAULT_FILE}.",
            details={"profile": name, "known": self.names},
        )

    def _endpoint(self, profile: str, part: str, entry: ModelEntry) -> ModelEndpoint:
        if entry.provider is Provider.SIMULATED:
            return SIMULATED_ENDPOINT
        base_url, api_key = self._address(profile, part, entry)
        return ModelEndpoint(
            api=_APIS[entry.provider],
            model=entry.model,
            base_url=base_url,
            api_key=api_key,
            temperature=entry.temperature,
            seed=entry.seed,
            max_tokens=entry.max_tokens,
            timeout_seconds=entry.timeout_seconds,
            concurrency=entry.concurrency,
            requests_per_minute=entry.requests_per_minute,
            tokens_per_minute=entry.tokens_per_minute,
            input_usd_per_million=entry.input_usd_per_million,
            output_usd_per_million=entry.output_usd_per_million,
            options=_options(entry),
        )

    def _address(self, profile: str, part: str, entry: ModelEntry) -> tuple[str, SecretStr | None]:
        """Where the model is, and its key; the key of the environment goes to no address of the file."""
        defaults = _PROVIDERS[entry.provider]
        api_key = self._secret(profile, part, entry.api_key)
        if entry.base_url is not None:
            return entry.base_url.rstrip("/"), api_key
        base_url = self._environ.get(defaults.url_variable) or defaults.url
        if base_url is None:
            raise ProfileUnusable(
                f"Profile {profile!r}: {part} has no base_url.",
                hint=f"Add base_url, or set {defaults.url_variable}.",
            )
        from_environ = self._environ.get(defaults.key_variable or "")
        if api_key is None and from_environ:
            api_key = SecretStr(from_environ)
        if api_key is None and entry.provider is Provider.OPENAI:
            raise ProfileUnusable(
                f"Profile {profile!r}: {part} has no api_key.",
                hint="Add `api_key: secret://env/OPENAI_API_KEY` and set the variable.",
            )
        return base_url.rstrip("/"), api_key

    def _secret(self, profile: str, part: str, given: SecretStr | None) -> SecretStr | None:
        if given is None or not (text := given.get_secret_value()).startswith(SCHEME):
            return given
        try:
            return SecretStr(resolve_reference(text, self._environ))
        except ValueError as error:
            raise ProfileUnusable(
                f"Profile {profile!r}: the api_key of {part} cannot be read: {error}.",
                hint="Set it where the reference points to, or name another place.",
            ) from error


def _options(entry: ModelEntry) -> Mapping[str, object]:
    """The further fields of requests; `think_level` is what Ollama calls `think`."""
    options = dict(entry.options)
    if entry.provider is Provider.OLLAMA and "think_level" in options:
        options.setdefault("think", options.pop("think_level"))
    return options


def load_profiles(
    settings: Settings, environ: Mapping[str, str], *, config: Path | None = None
) -> ModelProfiles:
    """Read the profiles that settings name.

    Args:
        settings: `models.file` names the file.
        environ: Where references to secrets and defaults of providers look.
        config: The settings file that was given.

    Raises:
        ProfilesInvalid: The file is wrong.
    """
    file = find_profile_file(settings, config)
    entries = {} if file is None else read_profile_file(file)
    return ModelProfiles(entries, str(file), environ)


def find_profile_file(settings: Settings, config: Path | None = None) -> Path | None:
    """Return the file that settings name, else the first usual one that is there; None without one."""
    if settings.models.file is not None:
        return settings.models.file
    return next((file for file in usual_files(settings, config) if file.is_file()), None)


def usual_files(settings: Settings, config: Path | None = None) -> tuple[Path, Path]:
    """Where profiles are looked for if no setting names their file, in this order.

    Beside the settings file that was given, without one in the working directory; then in the data directory,
    which a server and commands on the same data share wherever they are started.
    """
    beside = Path() if config is None else config.parent
    return beside / DEFAULT_FILE, settings.data_dir / DEFAULT_FILE


def chosen_profile(
    settings: Settings, environ: Mapping[str, str], name: str | None = None, *, config: Path | None = None
) -> ModelProfile:
    """Return the profile of a name, else the one that settings choose.

    Raises:
        ProfilesInvalid: The file is wrong.
        ProfileUnknown: There is none of this name.
        ProfileUnusable: A secret or an address is missing.
    """
    profiles = load_profiles(settings, environ, config=config)
    return profiles.get(name or settings.models.profile or settings.profile.value)
