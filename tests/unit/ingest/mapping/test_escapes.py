"""Escapes of JSON texts, resolved without changing what the JSON says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.ingest.mapping.escapes import unescape

# Halves of surrogate pairs too: JSON can hold them.
_TEXTS = st.text(
    st.one_of(st.characters(), st.sampled_from('한글😀\\"u&;\x07\x7f\x85\ud83d\ude00')), max_size=12
)
_JSON = st.recursive(_TEXTS, lambda inner: st.lists(inner) | st.dictionaries(_TEXTS, inner), max_leaves=6)


@given(_JSON)
def test_unescaped_json_says_the_same(value: Any) -> None:
    """It stays valid and equal, and to resolve it again changes nothing."""
    text = json.dumps([value])
    resolved = unescape(text)
    assert json.loads(resolved) == [value]
    assert unescape(resolved) == resolved


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        (r'{"q": "\ud55c\uAE00\u0020\u003c"}', '{"q": "한글 <"}'),
        (r'"\ud83d\ude00 caf\u00e9"', '"😀 café"'),
        (r'["\u0022\u005c\u0000\u001f\u007f\u0085"]', r'["\u0022\u005c\u0000\u001f\u007f\u0085"]'),
        (r'"\ud83d alone \ude00"', r'"\ud83d alone \ude00"'),
        (r'"\\ud55c \\\ud55c"', r'"\\ud55c \\한"'),
        (r'{"cut off": "\ud55c\uae', r'{"cut off": "한\uae'),
        (r"path C:\ud55c", r"path C:\ud55c"),
    ],
)
def test_escapes_become_characters_where_that_is_safe(text: str, resolved: str) -> None:
    """Quotes, backslashes, controls, halves and texts that are no JSON stay as they are."""
    assert unescape(text) == resolved
