"""Profiles of models: read from a file, secrets by reference, errors with file and line."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from pitwall.cli.named_files import problems_of_files
from pitwall.llm.errors import ProfilesInvalid, ProfileUnknown, ProfileUnusable
from pitwall.llm.profiles import ModelProfile, ModelProfiles, chosen_profile, load_profiles
from pitwall.llm.types import Api
from pitwall.settings import Settings, load_settings

EVALVAULT = """
profiles:
  dev:
    description: "개발/테스트용 경량 모델"
    llm:
      provider: ollama
      model: gemma3:1b
    embedding:
      provider: ollama
      model: qwen3-embedding:0.6b
  prod:
    llm: {provider: ollama, model: "gpt-oss-safeguard:20b", options: {think_level: medium}}
  openai:
    llm: {provider: openai, model: gpt-5-nano}
  vllm:
    llm: {provider: vllm, model: gpt-oss-120b}
"""


def profiles(tmp_path: Path, text: str, **environ: str) -> ModelProfiles:
    file = tmp_path / "models.yaml"
    file.write_text(text, "utf-8")
    settings = load_settings(environ={"PITWALL_MODELS__FILE": str(file)})
    return load_profiles(settings, environ)


def profile(tmp_path: Path, text: str, name: str = "dev", **environ: str) -> ModelProfile:
    return profiles(tmp_path, text, **environ).get(name)


def test_the_file_of_evalvault_is_understood(tmp_path: Path) -> None:
    """Its profiles, providers and options mean what they meant."""
    dev = profile(tmp_path, EVALVAULT)
    assert (dev.judge.api, dev.judge.model) == (Api.OLLAMA, "gemma3:1b")
    assert dev.judge.base_url == "http://127.0.0.1:11434"
    assert dev.embedding is not None
    assert dev.embedding.model == "qwen3-embedding:0.6b"
    assert profile(tmp_path, EVALVAULT, "prod").judge.options == {"think": "medium"}
    assert profiles(tmp_path, EVALVAULT).names == ["dev", "prod", "openai", "vllm", "simulated"]


def test_addresses_and_keys_of_providers_come_from_the_environment(tmp_path: Path) -> None:
    """Where a profile says nothing, the variables of the provider's own tools do."""
    ollama = profile(tmp_path, EVALVAULT, OLLAMA_BASE_URL="http://127.0.0.1:9999/")
    assert ollama.judge.base_url == "http://127.0.0.1:9999"
    openai = profile(tmp_path, EVALVAULT, "openai", OPENAI_API_KEY="sk-1")
    assert openai.judge.base_url == "https://api.openai.com/v1"
    assert openai.judge.api_key is not None
    assert openai.judge.api_key.get_secret_value() == "sk-1"
    with pytest.raises(ProfileUnusable, match="vllm.*base_url"):
        profile(tmp_path, EVALVAULT, "vllm")


def test_a_key_of_the_environment_goes_to_no_address_of_the_file(tmp_path: Path) -> None:
    """Whoever writes an address into a profile does not get the account's key by that."""
    text = "profiles: {dev: {llm: {provider: openai, model: m, base_url: 'http://127.0.0.1:9/v1'}}}"
    assert profile(tmp_path, text, OPENAI_API_KEY="sk-1").judge.api_key is None


def test_everything_of_a_model_can_be_set(tmp_path: Path) -> None:
    """Limits, prices and secrets by reference; money is exact."""
    text = """
profiles:
  dev:
    thresholds: {faithfulness: 0.8}
    llm:
      provider: openai_compatible
      model: m
      base_url: http://127.0.0.1:9/v1/
      api_key: secret://env/JUDGE_KEY
      temperature: null
      seed: 5
      max_tokens: 100
      timeout_seconds: 9.5
      concurrency: 3
      requests_per_minute: 10
      tokens_per_minute: 1000
      input_usd_per_million: 0.1
      output_usd_per_million: "2.50"
"""
    found = profile(tmp_path, text, JUDGE_KEY="k-1")
    judge = found.judge
    assert judge.api_key is not None
    assert judge.api_key.get_secret_value() == "k-1"
    assert (judge.temperature, judge.seed, judge.max_tokens) == (None, 5, 100)
    assert (judge.requests_per_minute, judge.tokens_per_minute, judge.concurrency) == (10, 1000, 3)
    assert (judge.input_usd_per_million, judge.output_usd_per_million) == (Decimal("0.1"), Decimal("2.5"))
    assert found.thresholds == {"faithfulness": 0.8}


def test_a_secret_that_is_missing_is_named_when_it_is_needed(tmp_path: Path) -> None:
    """Other profiles of the file can be used without it; the message names profile and variable."""
    text = EVALVAULT + ("  paid:\n    llm: {provider: openai, model: m, api_key: 'secret://env/PAID_KEY'}\n")
    assert profile(tmp_path, text).judge.model == "gemma3:1b"
    with pytest.raises(ProfileUnusable, match="'paid'.*PAID_KEY is not set"):
        profile(tmp_path, text, "paid")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "profiles:\n  dev:\n    llm:\n      provider: x\n      model: m\n",
            ":4: profiles.dev.llm.provider",
        ),
        ("profiles:\n  dev:\n    llm: {provider: ollama}\n", ":3: profiles.dev.llm.model: Field required"),
        ("profiles:\n  dev:\n    llm: {provider: ollama, model: m, tempreature: 1}\n", ":3: .*tempreature"),
        ("profiles:\n  dev: [\n", ":3: not valid YAML"),
        ("dev:\n  llm: {}\n", "profiles: Field required"),
        ("", "The model profiles are not valid"),
        ("profiles:\n  simulated:\n    llm: {provider: ollama, model: m}\n", ":2: .*built in"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    """And the message says how a profile is written."""
    with pytest.raises(ProfilesInvalid, match=problem) as raised:
        profiles(tmp_path, text)
    assert "provider, model" in (raised.value.hint or "")


def test_values_are_not_repeated_in_messages(tmp_path: Path) -> None:
    """They may be secrets."""
    text = "profiles: {dev: {llm: {provider: openai, model: m, api_key: {oops: s3cret}}}}"
    with pytest.raises(ProfilesInvalid) as raised:
        profiles(tmp_path, text)
    assert "s3cret" not in str(raised.value)


def test_an_unknown_profile_is_told_the_near_ones(tmp_path: Path) -> None:
    """And that `simulated` needs no file at all."""
    with pytest.raises(ProfileUnknown, match="'pord'") as raised:
        profile(tmp_path, EVALVAULT, "pord")
    assert "Did you mean 'prod'?" in (raised.value.hint or "")
    with pytest.raises(ProfileUnknown, match=r"there is no models\.yaml"):
        load_profiles(Settings(), {}, config=tmp_path / "other" / "pitwall.yaml").get("dev")


def test_the_simulated_profile_is_always_there() -> None:
    """It costs nothing, embeds as well, and says what it is."""
    simulated = load_profiles(Settings(), {}).get("simulated")
    assert simulated.judge.api is Api.SIMULATED
    assert simulated.judge.model == "simulated"
    assert simulated.judge.input_usd_per_million == 0
    assert simulated.embedding is not None


def test_the_file_of_the_data_directory_is_read_last(tmp_path: Path) -> None:
    """Beside the settings comes first; a server is started anywhere and always has its data directory."""
    data, beside = tmp_path / "data", tmp_path / "models.yaml"
    data.mkdir()
    (data / "models.yaml").write_text("profiles: {server: {llm: {provider: ollama, model: m}}}")
    settings = load_settings(environ={"PITWALL_DATA_DIR": str(data)})
    config = tmp_path / "pitwall.yaml"
    assert load_profiles(settings, {}, config=config).get("server").origin == str(data / "models.yaml")
    beside.write_text(EVALVAULT, "utf-8")
    assert load_profiles(settings, {}, config=config).names[0] == "dev"
    with pytest.raises(ProfileUnknown, match=f"in {beside}"):
        load_profiles(settings, {}, config=config).get("server")


def test_the_file_beside_the_settings_is_read(tmp_path: Path) -> None:
    """Without `models.file`; a profile that nobody names is the one called as the setting profile."""
    (tmp_path / "models.yaml").write_text(EVALVAULT, "utf-8")
    config = tmp_path / "pitwall.yaml"
    assert chosen_profile(Settings(), {}, config=config).name == "dev"
    assert chosen_profile(Settings(), {}, "prod", config=config).name == "prod"
    named = load_settings(environ={"PITWALL_MODELS__PROFILE": "simulated"})
    assert chosen_profile(named, {}, config=config).name == "simulated"


def test_the_check_of_settings_reads_the_file(tmp_path: Path) -> None:
    """`pitwall config check` names a mistake before a run does."""
    file = tmp_path / "models.yaml"
    file.write_text("profiles: {dev: {llm: {provider: ollama}}}", "utf-8")
    settings = load_settings(environ={"PITWALL_MODELS__FILE": str(file)})
    [problem] = problems_of_files(settings)
    assert problem.setting == "models.file"
    assert "profiles.dev.llm.model: Field required" in problem.message
