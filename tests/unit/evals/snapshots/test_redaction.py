"""Secrets do not reach a snapshot: by name, by look, by wish; what is none stays."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pitwall.evals.snapshots.redaction import REDACTED, Redaction, is_secret_name

KEY = "sk-" + "Zq8Wm3Xt7Rv1Lb5Nc9Kd2Hf6"


@pytest.mark.parametrize(
    "name",
    "api_key API-KEY apiKey openai.api_key PITWALL_API_KEY secret client_secret password db_password passwd "
    "authorization Authorization Cookie token access_token auth_token bearer credentials private_key".split(),
)
def test_secret_names(name: str) -> None:
    """Names that say that their value is a secret, in every spelling."""
    assert is_secret_name(name)
    assert Redaction().apply({name: "hunter2-hunter2"}) == {name: REDACTED}


@pytest.mark.parametrize(
    "name",
    "input_tokens max_tokens tokens token_ratio tokenizer keywords keyboard secretary passed monkey "
    "pass_rate by key_count description".split(),
)
def test_names_that_are_none(name: str) -> None:
    """Counts of tokens and other words that only look alike."""
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("secret://env/OPENAI_API_KEY", "secret://env/OPENAI_API_KEY"),
        ("Bearer secret://env/KEY", "Bearer secret://env/KEY"),
        ("postgresql://me:hunter2@db/pitwall", f"postgresql://me:{REDACTED}@db/pitwall"),
        ("http://h/x?api_key=abc&k=3", f"http://h/x?api_key={REDACTED}&k=3"),
        ("api_key=abcdefgh", f"api_key={REDACTED}"),
        ("Authorization: Basic abc", f"Authorization: {REDACTED}"),
        ("qwen2.5:7b", "qwen2.5:7b"),
        ("http://127.0.0.1:8000/ask?k=5", "http://127.0.0.1:8000/ask?k=5"),
        ("질문: 보험 약관", "질문: 보험 약관"),
        ("", ""),
    ],
)
def test_values_that_look_like_secrets(text: str, shown: str) -> None:
    """Passwords in addresses and pairs go, references and plain words stay."""
    assert Redaction().apply({"value": text}) == {"value": shown}


def test_token_inside_a_text_goes() -> None:
    """A key that stands in the middle of something else."""
    redaction = Redaction()
    assert KEY not in str(redaction.apply({"command": f"run --header X={KEY} --k 3"}))
    assert redaction.count == 1


def test_value_of_a_named_setting() -> None:
    """A row of setting and value is one of that name; a number stays what it is."""
    rows = [{"setting": "server.ui_password", "value": "hunter2"}, {"setting": "server.port", "value": 8400}]
    assert Redaction().apply(rows) == [
        {"setting": "server.ui_password", "value": REDACTED},
        {"setting": "server.port", "value": 8400},
    ]


def test_wished_keys() -> None:
    """Any name or path that somebody gives, in any case, whatever its value."""
    value = {"system": {"cpu": "x", "os": "Linux"}, "user_name": "kim", "n": {"cpu": 3}, "list": [{"n": 1}]}
    redaction = Redaction(("System.CPU", "user-name", "list"))
    assert redaction.apply(value) == {
        "system": {"cpu": REDACTED, "os": "Linux"},
        "user_name": REDACTED,
        "n": {"cpu": 3},
        "list": REDACTED,
    }
    assert redaction.count == 3


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)
CALMLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine


@CALMLY
@given(_JSON)
def test_redaction_again_changes_nothing(value: Any) -> None:
    """What was left out once is left out for good, and is not counted again."""
    once = Redaction().apply(value)
    again = Redaction()
    assert again.apply(once) == once
    assert again.count == 0


@CALMLY
@given(st.dictionaries(st.sampled_from(["api_key", "password", "name"]), _JSON))
def test_no_secret_name_keeps_a_text(value: dict[str, Any]) -> None:
    """Whatever stands under a secret name: no text of it is left."""
    shown = Redaction().apply(value)
    for name in {"api_key", "password"} & set(shown):
        if isinstance(value[name], str) and value[name] and "secret://" not in value[name]:
            assert shown[name] in (REDACTED, "********")
