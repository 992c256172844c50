"""What is masked, and what is left alone."""

from __future__ import annotations

import re
from datetime import UTC, date
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pitwall.core.errors import InvalidInput
from pitwall.ingest.mapping.masking import GROUPS, RULES, Rule, mask_bytes, mask_text, select_rules
from pitwall.settings.fields import MaskingRule

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
        ("Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic [masked:secret]"),
        ('{"authorization":["Basic dXNlcjpwYXNz"]}', '{"authorization":["Basic [masked:secret]"]}'),
        ('["Basic dXNlcjpwYXNzdw=="]', '["Basic [masked:secret]"]'),
        ("aws_secret_access_key=wJalrXUtnFEMI/K7MDENG", "aws_secret_access_key=[masked:secret]"),
        ("AWS_SESSION_TOKEN: FwoGZXIvYXdzEBYaD", "AWS_SESSION_TOKEN: [masked:secret]"),
        ("password=1234", "password=[masked:secret]"),
        ("비밀번호=hunter2", "비밀번호=[masked:secret]"),
        ("제 비밀번호: 1234 이고", "제 비밀번호: [masked:secret] 이고"),
        ('{"비밀번호": "abcd!"}', '{"비밀번호": "[masked:secret]"}'),
        ("postgresql://u:pw@h:5432/d", "postgresql://u:[masked:secret]@h:5432/d"),
        ("redis://:p@ss@h/0 로", "redis://:[masked:secret]@h/0 로"),
        ("https://user:p%40ss@example.com/x?q=a@b", "https://user:[masked:secret]@example.com/x?q=a@b"),
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
        "비밀번호: 영문과 숫자를 섞어 주세요",
        "비밀번호는 1234 같은 것을 쓰지 마세요",
        "Basic understanding of Authorization",
        "basic=true",
        "http://localhost:8080/login?next=a@b.kr",
        "http://127.0.0.1:4318 hong@example.kr",
        "git@github.com:org/repo.git",
        "Password: (at least 8)",
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
        ("phone", "서울 02 123 4567", "서울 [masked:phone]"),
        ("phone", "(02) 123-4567", "[masked:phone]"),
        ("phone", "Tel.0212345678", "Tel.[masked:phone]"),
        ("phone", "031-123-4567, 031.123.4567", "[masked:phone], [masked:phone]"),
        ("phone", "고객센터 1588-1234로", "고객센터 [masked:phone]로"),
        ("phone", "010-1234-5678 010-1234-5678", "[masked:phone] [masked:phone]"),
        ("email", "문의 hong@예시.한국으로", "문의 [masked:email]으로"),
        ("email", "hong@메일.예시.com입니다", "[masked:email]입니다"),
        ("phone", "call +82 10 1234 5678", "call [masked:phone]"),
        ("card", "4111 1111 1111 1111", "[masked:card]"),
        ("card", "5500-0000-0000-0004", "[masked:card]"),
        ("card", "378282246310005", "[masked:card]"),
        ("resident_number", "900101-1234567", "[masked:resident_number]"),
        ("resident_number", "900101 1234567", "[masked:resident_number]"),
        ("resident_number", "번호9001011234568입니다", "번호[masked:resident_number]입니다"),
        ("resident_number", "주민등록번호 9001011234567", "주민등록번호 [masked:resident_number]"),
        ("resident_number", '"주민번호": "9001011234567"', '"주민번호": "[masked:resident_number]"'),
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


@pytest.mark.parametrize(
    "text",
    [
        "9001011234567",
        "9013011234560",
        "1701234567890",
        "8801234567893",
        "901301 1234567",
        "0.0212345678",
        "0.01012345678",
        "3.02-123-4567",
        "ORD-0212345678",
        "550e8400-1588-4123-8712-446655440000",
        "1800-1899",
        "2026-02-12 09:00:00.123",
        "예시.한국",
        "hong@예시",
    ],
)
def test_what_only_looks_personal_stays(text: str) -> None:
    """Numbers with a wrong check digit, decimals, ids, years and dates."""
    assert mask_text(text, GROUPS) == text


def _with_check_digit(first_twelve: str) -> str:
    total = sum(
        int(digit) * weight for digit, weight in zip(first_twelve, [*range(2, 10), 2, 3, 4, 5], strict=True)
    )
    return first_twelve + str((11 - total % 11) % 10)


@given(st.dates(date(1920, 1, 1), date(2029, 12, 31)), st.booleans(), st.integers(0, 99_999))
def test_every_resident_number_is_found_in_every_form(born: date, is_foreign: bool, number: int) -> None:
    """With a hyphen, a space or nothing between birth and rest."""
    whose = (1 if born.year < 2000 else 3) + 4 * is_foreign
    whole = _with_check_digit(f"{born:%y%m%d}{whose}{number:05}")
    for separator in ("-", " ", ""):
        text = f"번호: {whole[:6]}{separator}{whole[6:]}."
        assert mask_text(text, {"resident_number"}) == "번호: [masked:resident_number]."


_PRICES = st.integers(0, 999_999_999).map("{:,}원".format)
_COSTS = st.floats(0, 10, allow_nan=False).map(str)
_COUNTS = st.integers(0, 99_999_999).map(str)
_TIMES = st.datetimes(timezones=st.just(UTC)).map(str)
_NANOSECONDS = st.integers(946_684_800 * 10**9, 4_102_444_800 * 10**9).map(str)
_HEX_IDS = st.binary(min_size=16, max_size=16).map(bytes.hex)
_ORDERS = st.builds("ORD-{:%Y%m%d}-{:04}".format, st.dates(date(2000, 1, 1)), st.integers(0, 9999))
_ADDRESSES = st.ip_addresses(v=4).map(str)
_ORDINARY = st.one_of(_PRICES, _COSTS, _COUNTS, _TIMES, _NANOSECONDS, _HEX_IDS, _ORDERS, _ADDRESSES)


@settings(max_examples=1_000)
@given(_ORDINARY, st.sampled_from(["{}", "값은 {}입니다", '{{"value": {}}}', "x={};"]))
def test_ordinary_numbers_are_never_masked(number: str, around: str) -> None:
    """Prices, costs, counts, times, ids and addresses, with every rule on."""
    text = around.format(number)
    assert mask_text(text, GROUPS) == text


@given(st.uuids())
@example(UUID("55699475-6882-7692-b63e-18693dd72b4e"))
def test_uuids_are_never_masked(identity: UUID) -> None:
    """Their groups of digits look like parts of numbers of people."""
    assert mask_text(str(identity), GROUPS) == str(identity)


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
    assert re.compile(rule.expression).groups == (1 if rule.has_prefix else 0)
    assert re.compile(rule.raw_expression).groups == 0
