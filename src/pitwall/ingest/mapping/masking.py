"""What must not be stored: secrets always, personal data when asked for.

One table of rules, three forms of it: SQL for the views (a hyperscan prefilter over every value, replacement
only on hits), `mask_text` as its Python twin, and `mask_bytes` for bodies whose length must not change (dead
letters and protobuf-encoded values). Patterns keep to what hyperscan, RE2 and Python's `re` (ASCII)
understand alike.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pitwall.core.errors import InvalidInput
from pitwall.ingest.mapping.sql import quote, strings


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern. `keep_prefix` patterns start with a group that stays readable (`password=`)."""

    group: str
    label: str
    pattern: str
    keep_prefix: bool = False

    @property
    def replacement(self) -> str:
        return ("\\1" if self.keep_prefix else "") + f"[masked:{self.label}]"


_SECRETS: Final = (
    (
        r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----[A-Za-z0-9+/= \t\r\n\\]*"
        r"(?:-----END [A-Z ]{0,20}PRIVATE KEY-----)?"
    ),
    r"\bsk-[A-Za-z0-9_-]{16,}",
    r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}",
    r"\bpw_[A-Za-z0-9]{4,16}_[A-Za-z0-9_-]{20,}",
    r"\bAIza[A-Za-z0-9_-]{30,}",
    r"\bhf_[A-Za-z0-9]{30,}",
    r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    r"\bgh[pousr]_[A-Za-z0-9]{30,}",
    r"\bgithub_pat_[A-Za-z0-9_]{30,}",
    r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
)
_AFTER_ITS_NAME: Final = (
    r"(?i)((?:\bbearer[ \t]{1,4}"
    r"|(?:password|passwd|client_secret|secret_key|api[_-]?key|access_token|auth_token)"
    r"\\?[\"']?[ \t]{0,4}[:=][ \t]{0,4}\\?[\"']?))[A-Za-z0-9!#$%()*+./:?@^_~|=-]{6,}"
)

RULES: Final[tuple[Rule, ...]] = (
    Rule("secrets", "secret", "|".join(_SECRETS)),
    Rule("secrets", "secret", _AFTER_ITS_NAME, keep_prefix=True),
    Rule("resident_number", "resident_number", r"\b\d{6}-[1-8]\d{6}\b"),
    Rule(
        "card",
        "card",
        r"\b(?:4\d{3}|5[1-5]\d{2}|2[2-7]\d{2}|6011|65\d{2}|62\d{2}|35\d{2})[ -]?\d{4}[ -]?\d{4}[ -]?\d{1,4}\b"
        r"|\b3[47]\d{2}[ -]?\d{6}[ -]?\d{5}\b|\b3(?:0[0-5]|[68]\d)\d[ -]?\d{6}[ -]?\d{4}\b",
    ),
    Rule(
        "phone",
        "phone",
        r"\b01[016789][-. ]?\d{3,4}[-. ]?\d{4}\b|\b0(?:2|[3-6][1-5]|70)-\d{3,4}-\d{4}\b"
        r"|\+\d{1,3}[-. ]?(?:\(\d{1,4}\)|\d{1,4})(?:[-. ]?\d{2,4}){2,4}\b",
    ),
    # Bounded before the @, or a long word costs its square in Python; hyperscan refuses bounds of 50 and
    # more.
    Rule("email", "email", r"[A-Za-z0-9._%+-]{1,40}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"),
)
GROUPS: Final[tuple[str, ...]] = tuple(dict.fromkeys(rule.group for rule in RULES))
DEFAULT_GROUPS: Final = frozenset({"secrets"})


def select_rules(groups: Collection[str]) -> tuple[Rule, ...]:
    """The rules of the named groups, in the order they are applied.

    Raises:
        InvalidInput: A group is not one of `GROUPS`.
    """
    for group in groups:
        if group not in GROUPS:
            raise InvalidInput(
                f"Masking rule {group!r} does not exist.",
                code="masking.unknown_rule",
                hint=f"Known rules: {', '.join(GROUPS)}.",
            )
    return tuple(rule for rule in RULES if rule.group in groups)


def hit_sql(expression: str, rules: tuple[Rule, ...]) -> str:
    """Condition: some rule matches. Cheap enough for every value (hyperscan, all rules in one pass)."""
    return f"multiMatchAny({expression}, {strings(rule.pattern for rule in rules)})" if rules else "0"


def mask_sql(expression: str, rules: tuple[Rule, ...]) -> str:
    """The text with every match replaced. Costs a pass a rule: use it behind `hit_sql`."""
    for rule in rules:
        expression = f"replaceRegexpAll({expression}, {quote(rule.pattern)}, {quote(rule.replacement)})"
    return expression


def mask_raw_sql(expression: str, rules: tuple[Rule, ...]) -> str:
    """Encoded bytes with every match overwritten by asterisks, so that length prefixes stay true."""
    if not rules:
        return expression
    found = f"extractAll({expression}, {quote(_any_of(rules))})"
    return f"arrayFold((done, m) -> replaceAll(done, m, repeat('*', length(m))), {found}, {expression})"


def mask_text(text: str, groups: Collection[str] = DEFAULT_GROUPS) -> str:
    """The text as the store would keep it."""
    for pattern, replacement in _compiled(frozenset(groups)):
        text = pattern.sub(replacement, text)
    return text


def mask_stored(text: str, groups: Collection[str] = DEFAULT_GROUPS) -> str:
    """A value as the views store it: masked, encoded values (see `values`) in place."""
    if not text.startswith("\x02"):
        return mask_text(text, groups)
    return text[:2] + base64.b64encode(mask_bytes(base64.b64decode(text[2:]), groups)).decode()


def mask_bytes(body: bytes, groups: Collection[str] = DEFAULT_GROUPS) -> bytes:
    """The body with every match overwritten by asterisks; its length and structure do not change."""
    rules = select_rules(groups)
    return _compiled_raw(rules).sub(lambda match: b"*" * len(match[0]), body) if rules else body


def _any_of(rules: tuple[Rule, ...]) -> str:
    # Without the prefix groups: extractAll would return the group instead of the match.
    return "|".join(f"(?:{_ungrouped(rule)})" for rule in rules)


def _ungrouped(rule: Rule) -> str:
    return rule.pattern.replace("(?i)(", "(?i:", 1) if rule.keep_prefix else rule.pattern


@lru_cache(maxsize=32)
def _compiled(groups: frozenset[str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(rule.pattern, re.ASCII), rule.replacement) for rule in select_rules(groups))


@lru_cache(maxsize=32)
def _compiled_raw(rules: tuple[Rule, ...]) -> re.Pattern[bytes]:
    return re.compile(_any_of(rules).encode(), re.ASCII)
