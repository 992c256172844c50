"""What is masked, and what is left alone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.core.errors import InvalidInput
from pitwall.ingest.mapping.masking import GROUPS, RULES, Rule, mask_bytes, mask_text, select_rules
from pitwall.settings.groups import MaskingRule

_SECRETS = [
    "sk-proj-Abc123_def-456ghi789",
    "sk-ant-api03-abcdefghijklmnop",
    "sk_live_abcdefghijklmnop1234",
    "pw_abc123_abcdefghijklmnopqrstuvwxyz",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "xoxb-123456789012-abcdef",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
    "AIzaSyA-abcdefghijklmnopqrstuvwxyz01",
    "-----BEGIN PRIVATE KEY-----\nMIIE+abc/=\n-----END PRIVATE KEY-----",
]


@pytest.mark.parametrize("secret", _SECRETS)
def test_secrets_are_masked_by_default(secret: str) -> None:
    """Obvious secrets never stay, whatever language stands around them."""
    assert mask_text(f"제 키는 {secret} 입니다") == "제 키는 [masked:secret] 입니다"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("password=hunter2222", "password=[masked:secret]"),
        ('{"api_key": "abcdef123456"}', '{"api_key": "[masked:secret]"}'),
        ('{\\"client_secret\\":\\"zyxwvu98\\"}', '{\\"client_secret\\":\\"[masked:secret]\\"}'),
        ("Authorization: Bearer abcdefghijklmnop", "Authorization: Bearer [masked:secret]"),
    ],
)
def test_a_named_secret_keeps_its_name(text: str, expected: str) -> None:
    """What the secret was called stays readable."""
    assert mask_text(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "비밀번호를 잊었어요",
        "task-management-system-overview",
        "risk-assessment-of-the-project",
        "password reset",
        "max_tokens: 4096",
        "",
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    """Words that look a little like secrets are not."""
    assert mask_text(text) == text


@pytest.mark.parametrize(
    ("group", "text", "expected"),
    [
        ("email", "메일 hong@example.co.kr로", "메일 [masked:email]로"),
        ("phone", "전화010-1234-5678입니다", "전화[masked:phone]입니다"),
        ("phone", "call +82 10 1234 5678", "call [masked:phone]"),
        ("card", "4111 1111 1111 1111", "[masked:card]"),
        ("card", "5500-0000-0000-0004", "[masked:card]"),
        ("card", "378282246310005", "[masked:card]"),
        ("resident_number", "900101-1234567", "[masked:resident_number]"),
    ],
)
def test_personal_data_is_masked_when_asked(group: str, text: str, expected: str) -> None:
    """Each rule does its own and nothing by default."""
    assert mask_text(text, {group}) == expected
    assert mask_text(text) == text


@pytest.mark.parametrize(
    "text", ["900101-9234567", "1732099999000000000", "12345-123", "1111 2222 3333 4444"]
)
def test_numbers_that_are_nothing_personal_stay(text: str) -> None:
    """Timestamps, counters and order numbers are not cards or resident numbers."""
    assert mask_text(text, {"card", "resident_number"}) == text


@given(st.binary(max_size=60), st.sampled_from(_SECRETS), st.binary(max_size=60))
def test_masking_bytes_keeps_their_length(before: bytes, secret: str, after: bytes) -> None:
    """A protobuf body masked in place can still be parsed: no length in it changes."""
    body = before + b" " + secret.encode() + b" " + after
    masked = mask_bytes(body, GROUPS)
    assert len(masked) == len(body)
    assert secret.encode() not in masked


def test_unknown_group_is_refused_with_the_known_ones() -> None:
    """A misspelt setting is an error that names what exists."""
    with pytest.raises(InvalidInput, match=r"'emial'.*secrets, resident_number, card, phone, email"):
        select_rules(["emial"])


def test_groups_are_those_of_the_settings() -> None:
    """Every rule that settings offer exists here."""
    assert set(GROUPS) == set(MaskingRule)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.group)
def test_patterns_have_no_group_but_the_prefix(rule: Rule) -> None:
    """The engine's replacement refers to group 1 of rules that keep a prefix, and to none otherwise."""
    pattern = re.compile(rule.pattern)
    assert pattern.groups == (1 if rule.keep_prefix else 0)
