"""Settings: who wins, what is refused, and that an error tells where the mistake stands."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.core.errors import InvalidInput
from pitwall.settings import MaskingRule, Profile, Settings, load, load_settings
from pitwall.settings.sources import ALIASES, from_file, setting_description, setting_fields, variable_name

REPOSITORY = Path(__file__).resolve().parents[3]


def write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_flag_beats_environment_beats_file_beats_default(tmp_path: Path) -> None:
    """Each source overrides the next, value by value, and the origin of each is known."""
    file = write(tmp_path / "p.yaml", "server:\n  port: 1001\n  otlp_port: 1002\n  grpc_port: 1003\n")
    environ = {"PITWALL_SERVER__PORT": "2001", "PITWALL_SERVER__OTLP_PORT": "2002"}
    loaded = load(environ=environ, config=file, flags={"server.port": 3001, "server.host": None})
    server = loaded.settings.server
    assert (server.port, server.otlp_port, server.grpc_port, server.host) == (3001, 2002, 1003, "127.0.0.1")
    assert str(loaded.origins["server.port"]) == "flag server.port"
    assert str(loaded.origins["server.otlp_port"]) == "environment PITWALL_SERVER__OTLP_PORT"
    assert str(loaded.origins["server.grpc_port"]) == f"file {file}:4"
    assert "server.host" not in loaded.origins


def test_profile_changes_defaults_but_not_what_was_given() -> None:
    """prod logs JSON and asks everyone for a key, unless somebody says otherwise."""
    settings = load_settings(environ={"PITWALL_PROFILE": "prod", "AI_ASSIST_LOG_FORMAT": "console"})
    assert settings.profile is Profile.PROD
    assert (settings.access.anonymous, settings.logging.format) == ("never", "console")
    assert load_settings(environ={}).access.anonymous == "loopback"


@pytest.mark.parametrize(
    ("name", "text", "path", "expected"),
    [
        ("TRACE_DIR", "/var/traces", "ingest.trace_dir", Path("/var/traces")),
        ("TRACE_ENABLE", "0", "ingest.trace_enable", False),
        ("OLLAMA_BASE_URL", "http://127.0.0.1:11434", "voc.ollama_base_url", "http://127.0.0.1:11434"),
        ("OLLAMA_MODEL", "gemma3", "voc.ollama_model", "gemma3"),
        ("OLLAMA_EMBED_MODEL", "bge-m3", "voc.ollama_embed_model", "bge-m3"),
        ("DOCS_DIR", "./d", "voc.docs_dir", Path("d")),
        ("CHROMA_DIR", "./c", "voc.chroma_dir", Path("c")),
        ("CHROMA_COLLECTION", "voc", "voc.chroma_collection", "voc"),
        ("AI_ASSIST_LOG_LEVEL", "DEBUG", "logging.level", "debug"),
        ("AI_ASSIST_LOG_FORMAT", "json", "logging.format", "json"),
        ("AI_ASSIST_METRICS_ENABLED", "false", "metrics_enabled", False),
        ("AI_ASSIST_TRACING_ENABLED", "no", "tracing_enabled", False),
    ],
)
def test_names_users_already_have_are_understood(name: str, text: str, path: str, expected: object) -> None:
    """Every alias sets the setting it stands for."""
    assert value_at(load_settings(environ={name: text}), path) == expected
    assert ALIASES[name] == path


def test_webhook_alias_is_a_secret_and_own_name_beats_alias() -> None:
    """A webhook address is a credential; Pitwall's own variable is the more exact one."""
    settings = load_settings(
        environ={
            "AI_ASSIST_ALERT_WEBHOOK_URL": "http://127.0.0.1/a",
            "PITWALL_ALERT_WEBHOOK_URL": "http://127.0.0.1/b",
        }
    )
    assert settings.alert_webhook_url is not None
    assert settings.alert_webhook_url.get_secret_value() == "http://127.0.0.1/b"
    assert "127.0.0.1/b" not in repr(settings)


def test_lists_and_sizes_are_read_from_variables() -> None:
    """A list separated by commas, a size with its unit; an empty variable is not set."""
    settings = load_settings(
        environ={
            "PITWALL_MASKING__RULES": "secrets, email",
            "PITWALL_SERVER__ALLOWED_ORIGINS": "",
            "PITWALL_INGEST__MAX_BODY_BYTES": "32MiB",
        }
    )
    assert settings.masking.rules == (MaskingRule.SECRETS, MaskingRule.EMAIL)
    assert settings.server.allowed_origins == ()
    assert settings.ingest.max_body_bytes == 32 * 1024**2


def test_unknown_variable_of_a_group_names_the_nearest_one() -> None:
    """A typing mistake is not silently ignored."""
    with pytest.raises(InvalidInput) as caught:
        load_settings(environ={"PITWALL_SERVER__PROT": "1"})
    assert "PITWALL_SERVER__PROT" in caught.value.message
    assert "PITWALL_SERVER__PORT" in (caught.value.hint or "")


def test_variables_an_orchestrator_makes_from_a_service_name_do_no_harm() -> None:
    """Kubernetes puts these beside a service called pitwall."""
    environ = {"PITWALL_PORT": "tcp://10.0.0.7:8400", "PITWALL_SERVICE_HOST": "10.0.0.7"}
    assert load_settings(environ=environ) == load_settings(environ={})


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("server:\n  host: x\n  prot: 1\n", 3, ["server.prot", "'server.port'"]),
        ("profil: dev\n", 1, ["profil", "'profile'"]),
        ("profile: dev\nprofile: prod\n", 2, ["profile is given twice"]),
        ("server: 5\n", 1, ["server is no mapping"]),
        ("- a\n", 1, ["The file is no mapping"]),
        ("server:\n  host: [\n", 3, ["not valid YAML"]),
        ("server:\n  port: 2026-13-45\n", 2, ["not valid YAML"]),
        ("a: !!python/object:os.system x\n", 1, ["unknown setting 'a'"]),
        ("profile: !!python/name:os.system\n", 1, ["not valid YAML"]),
        ("profile: \x07\n", 1, ["not valid YAML"]),
    ],
)
def test_mistake_in_the_file_is_told_with_file_and_line(
    tmp_path: Path, text: str, line: int, told: list[str]
) -> None:
    """And with the nearest valid key, when there is one."""
    file = write(tmp_path / "pitwall.yaml", text)
    with pytest.raises(InvalidInput) as caught:
        load_settings(environ={}, config=file)
    assert f"{file}:{line}: " in str(caught.value)
    assert all(words in str(caught.value) for words in told), str(caught.value)


def test_all_wrong_values_are_told_at_once_with_their_places_and_without_the_values(tmp_path: Path) -> None:
    """Values may be secrets, so an error never repeats them."""
    file = write(tmp_path / "p.yaml", "ingest:\n  linger_ms: hunter2\n")
    environ = {"PITWALL_SERVER__PORT": "hunter2", "PITWALL_STATE_STORE__URL": "hunter2"}
    with pytest.raises(InvalidInput) as caught:
        load_settings(environ=environ, config=file)
    message = caught.value.message
    assert "server.port (environment PITWALL_SERVER__PORT): " in message
    assert f"ingest.linger_ms (file {file}:2): " in message
    assert "state_store (environment PITWALL_STATE_STORE__URL): url must start with sqlite://" in message
    assert "hunter2" not in repr(caught.value.details) + str(caught.value)


def test_missing_file_is_refused_but_the_default_file_may_be_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`pitwall.yaml` of the working directory is read when it is there, and only then."""
    monkeypatch.chdir(tmp_path)
    assert load(environ={}).file is None
    write(tmp_path / "pitwall.yaml", "server: {port: 9}\n")
    assert load_settings(environ={}).server.port == 9
    with pytest.raises(InvalidInput, match="No such file"):
        load_settings(environ={}, config=tmp_path / "nowhere.yaml")


def test_settings_are_frozen() -> None:
    """What was read once cannot change underneath."""
    with pytest.raises(ValueError, match="frozen"):
        load_settings(environ={}).server.port = 1  # type: ignore[misc]


def test_every_setting_has_a_description_and_a_variable_of_its_own() -> None:
    """The list of settings is its own documentation."""
    fields = setting_fields()
    assert not [path for path in fields if not setting_description(path)]
    assert len({variable_name(path) for path in fields}) == len(fields)
    assert set(ALIASES.values()) <= set(fields)


def test_setting_that_nothing_reads_says_so() -> None:
    """A setting is read by Pitwall or the VOC example, or its description names the version that will."""
    read = {
        node.attr
        for folder in ("src", "examples")
        for path in (REPOSITORY / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
    }
    unread = {path for path in setting_fields() if path.rpartition(".")[2] not in read}
    told = {path for path in setting_fields() if "in a later version" in setting_description(path)}
    assert unread == told == set()


@given(st.text(max_size=200))
def test_any_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever stands in the file, the error is the one that names it."""
    file = tmp_path_factory.getbasetemp() / "any.yaml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        from_file(file)
    except InvalidInput as error:
        assert str(file) in error.message  # noqa: PT017  # both outcomes are right


def test_data_lives_under_the_data_directory() -> None:
    """One directory holds it all; `~` is the user's home."""
    settings = load_settings(environ={}, flags={"data_dir": Path("/srv/pitwall")})
    assert settings.telemetry_path == Path("/srv/pitwall/telemetry")
    assert settings.state_url == "sqlite:////srv/pitwall/state.db"
    assert settings.metrics_path == Path("/srv/pitwall/metrics")
    assert load_settings(environ={}).data_dir == Path.home() / ".local/share/pitwall"


def test_password_of_its_own_goes_into_the_store_address() -> None:
    """Also one with characters that mean something in a URL."""
    environ = {
        "PITWALL_STATE_STORE__URL": "postgresql://pit@db:5432/state",
        "PITWALL_STATE_STORE__PASSWORD": "a/b@c",
    }
    assert load_settings(environ=environ).state_url == "postgresql+psycopg://pit:a%2Fb%40c@db:5432/state"


def value_at(settings: Settings, path: str) -> object:
    value: object = settings
    for name in path.split("."):
        value = getattr(value, name)
    return value
