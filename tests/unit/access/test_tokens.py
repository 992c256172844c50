"""API key tokens and the ways callers send them."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.access.tokens import hash_token, new_secret, new_token, parse_prefix, read_credential


def test_token_carries_its_prefix_and_256_bits() -> None:
    """A token reads pw_<prefix>_<secret>; its secret has room for 256 random bits and no separator."""
    token = new_token()
    assert re.fullmatch(r"pw_[0-9a-z]{8}_[0-9A-Za-z]{43}", token.text)
    assert parse_prefix(token.text) == token.prefix


def test_tokens_differ() -> None:
    """Nothing about two tokens is shared, not even their prefix."""
    tokens = [new_token() for _ in range(50)]
    assert len({token.text for token in tokens}) == len({token.prefix for token in tokens}) == 50
    assert len({new_secret() for _ in range(50)}) == 50


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pw_",
        "pw_short_x",
        "sk-lf-0123",
        "pw_12345678_",
        "xx_12345678_abc",
        "pw_12345678_a_b",
        "pw_12345678_ä",
    ],
)
def test_what_is_not_shaped_like_a_token_has_no_prefix(text: str) -> None:
    """Keys of other products and torn copies are told from ours without a look-up."""
    assert parse_prefix(text) is None


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    """Whatever stands in a header, reading it gives a secret or nothing."""
    secret = read_credential(text)
    if secret is not None:
        parse_prefix(secret)
        assert len(hash_token(secret)) == 64


@given(st.text(min_size=1).filter(lambda text: text == text.strip() and " " not in text))
def test_bearer_is_read_whatever_its_case(secret: str) -> None:
    """`Bearer x`, `bearer x` and a bare `x` say the same."""
    assert read_credential(f"Bearer {secret}") == read_credential(f"bearer  {secret} ") == secret
    assert read_credential(secret) == secret


@given(
    st.text(alphabet=st.characters(exclude_characters=":", exclude_categories=["Cs"])), st.text(min_size=1)
)
def test_basic_password_is_the_secret(user: str, password: str) -> None:
    """Langfuse SDKs send public:secret; the secret is the key, colons and all."""
    encoded = base64.b64encode(f"{user}:{password}".encode("utf-8", "replace")).decode()
    assert read_credential(f"Basic {encoded}") == password.encode("utf-8", "replace").decode()


def test_basic_user_without_password_is_the_secret() -> None:
    """Some exporters send the key as user name."""
    assert read_credential("Basic " + base64.b64encode(b"pw_key:").decode()) == "pw_key"


@pytest.mark.parametrize("value", [None, "", "  ", "Bearer", "Bearer "])
def test_nothing_sent_is_nothing(value: str | None) -> None:
    """An empty header is no credential; the word Bearer alone names none either."""
    assert read_credential(value) is None


def test_broken_base64_is_a_credential_that_nobody_knows() -> None:
    """A malformed header must not turn its sender into someone who sent none."""
    assert read_credential("Basic %%%") == "%%%"
