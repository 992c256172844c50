"""What must not be stored: secrets always, personal data when asked for.

One table of rules, three forms of it: SQL for the views (a hyperscan prefilter over every value, replacement
only on hits), `mask_text` as its Python twin, and `mask_bytes` for bodies whose length must not change (dead
letters and protobuf-encoded values). Patterns keep to what hyperscan, RE2 and Python's `re` (ASCII)
understand alike: no look-around, so what may stand before a match is a part of it that is put back. They hold
no semicolon, which generated statements may not have.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final

from pitwall.core.errors import InvalidInput
from pitwall.ingest.mapping.sql import numbers, quote, strings


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern.

    Attributes:
        pattern: What is masked, without groups.
        name: Pattern of what stands before it and says what it is (`password=`); it stays readable.
        before: Pattern of what may stand before it at all, if not anything; it stays, and is never masked.
            The pattern begins with a word boundary all the same: encoded bytes have nothing else, and
            hyperscan finds too much without.
        after: Text at the end of the pattern that stays.
        ignore_case: Whether upper and lower case are the same.
        is_resident_number: Whether only what has the check digit of a resident number is masked.
    """

    group: str
    label: str
    pattern: str
    name: str = ""
    before: str = ""
    after: str = ""
    ignore_case: bool = False
    is_resident_number: bool = False

    @property
    def expression(self) -> str:
        """The whole pattern; what stays before the match is its group 1."""
        kept = f"({self.before}{self.name})" if self.has_prefix else ""
        return f"{'(?i)' if self.ignore_case else ''}{kept}{self.pattern}"

    @property
    def raw_expression(self) -> str:
        """The pattern for encoded bytes, without groups: all of it is overwritten, the name included."""
        return f"(?{'i' if self.ignore_case else ''}:{self.name}{self.pattern})"

    @property
    def has_prefix(self) -> bool:
        """Whether something before the match is put back."""
        return bool(self.name or self.before)

    @property
    def replacement(self) -> str:
        """What is written instead, for RE2 and Python."""
        return ("\\1" if self.has_prefix else "") + f"[masked:{self.label}]" + self.after


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
_ASSIGNED: Final = r"\\?[\"']?[ \t]{0,4}[:=][ \t]{0,4}\\?[\"']?"
_VALUE: Final = r"[A-Za-z0-9!#$%()*+./:?@^_~|=-]"
_ENGLISH_WORDS: Final = (
    "password|passwd|passphrase|client_secret|secret_key|secret_access_key|private_key|api[_-]?key"
    "|access_token|auth_token|refresh_token|session_token"
)
_KOREAN_WORDS: Final = "비밀번호|비밀 번호|패스워드|비번|인증번호"
# Before a number: the beginning, or what makes it no part of a longer number, a decimal or a word. Spelt out:
# hyperscan takes [^0-9A-Za-z] for more than it is.
_NUMBER_BEGINS: Final = r"(?:^|[\x00-\-/:-@\[-^`{-\x7f]|[^\x00-\x7f]|[^0-9]\.)"
_NUMBER_ALONE: Final = r"(?:^|[\x00-,/:-@\[-^`{-\x7f]|[^\x00-\x7f]|[^0-9]\.)"
# As plausible as hyperscan can tell without getting slow.
_MONTH_AND_DAY: Final = r"(?:0[1-9]|1[0-2])[0-3]\d"
# Year, month and day, and whom the next digit says it is of: nobody is born in 2030 or before 1920.
_BORN: Final = rf"(?:[2-9]\d{_MONTH_AND_DAY}[1256]|[0-2]\d{_MONTH_AND_DAY}[3478])"
_AREA: Final = r"0(?:2|[3-6][1-5]|70|50\d)"
_COMPANY: Final = (
    "15(?:22|33|44|51|55|66|77|88|99)|16(?:00|11|21|44|60|61|66|68|70|88)|18(?:00|11|33|44|55|66|77|99)"
)
_HANGUL_LABEL: Final = "[A-Za-z0-9-]*[가-힣][A-Za-z0-9가-힣-]*"

RULES: Final[tuple[Rule, ...]] = (
    Rule("secrets", "secret", "|".join(_SECRETS)),
    Rule(
        "secrets",
        "secret",
        _VALUE + "{6,}",
        name=rf"(?:\bbearer[ \t]{{1,4}}|(?:{_ENGLISH_WORDS}){_ASSIGNED})",
        ignore_case=True,
    ),
    # People choose short ones, and write them behind an equals sign or a Korean word.
    Rule(
        "secrets",
        "secret",
        _VALUE + "{4,}",
        name=rf"(?:(?:password|passwd)=|(?:{_KOREAN_WORDS}){_ASSIGNED})",
        ignore_case=True,
    ),
    Rule(
        "secrets",
        "secret",
        r"[A-Za-z0-9+/_-]{4,}={0,2}",
        name=rf"authorization{_ASSIGNED}\[?\\?[\"']?basic[ \t]{{1,4}}",
        ignore_case=True,
    ),
    # With padding: no word ends so.
    Rule("secrets", "secret", r"[A-Za-z0-9+/]{6,}={1,2}", name=r"\bBasic "),
    Rule(
        "secrets",
        "secret",
        r"[!$%&()*+,.0-9:\x3b=@A-Z^_`a-z{|}~-]+@",
        name=r"[A-Za-z0-9+.-]{3}://[!$%&()*+,.0-9\x3b=A-Z_a-z~-]{0,40}:",
        after="@",
    ),
    Rule("resident_number", "resident_number", r"\b\d{6}-[1-8]\d{6}\b"),
    Rule("resident_number", "resident_number", rf"\b\d{{2}}{_MONTH_AND_DAY} [1-8]\d{{6}}\b"),
    # The check digit is missing on numbers given since October 2020: there the word before it must say so.
    Rule(
        "resident_number",
        "resident_number",
        r"\d{6}[ -]?[1-8]\d{6}\b",
        name=rf"(?:주민(?:등록)?|외국인등록) ?번호{_ASSIGNED.replace('[:=]', '(?:은|는|:|=|이|가)?')}",
    ),
    Rule(
        "resident_number",
        "resident_number",
        rf"\b{_BORN}\d{{6}}\b",
        is_resident_number=True,
    ),
    Rule(
        "card",
        "card",
        r"\b(?:(?:4\d{3}|5[1-5]\d{2}|2[2-7]\d{2}|6011|65\d{2}|62\d{2}|35\d{2})"
        # Eight digits at once are followed by no separator: so begin ids, 55699475-6882-7692-…
        r"(?:[ -]\d{4}[ -]?\d{4}|\d{8})[ -]?\d{1,4}\b"
        r"|3[47]\d{2}[ -]?\d{6}[ -]?\d{5}\b|3(?:0[0-5]|[68]\d)\d[ -]?\d{6}[ -]?\d{4}\b)",
        before=_NUMBER_BEGINS,
    ),
    Rule(
        "phone",
        "phone",
        rf"\b(?:01[016789][-. ]?\d{{3,4}}[-. ]?\d{{4}}\b|{_AREA}[-. ]\d{{3,4}}[-. ]\d{{4}}\b)",
        before=_NUMBER_BEGINS,
    ),
    Rule("phone", "phone", rf"\({_AREA}\)[-. ]?\d{{3,4}}[-. ]?\d{{4}}\b"),
    Rule("phone", "phone", r"\+\d{1,3}[-. ]?(?:\(\d{1,4}\)|\d{1,4})(?:[-. ]?\d{2,4}){2,4}\b"),
    # Not the years from 1600 or 1800 to 1700 or 1900.
    Rule(
        "phone",
        "phone",
        rf"\b(?:0(?:2|[3-6][1-5])\d{{7,8}}\b|(?:{_COMPANY})-(?:[02-9]\d{{3}}|1[0-5]\d{{2}})\b)",
        before=_NUMBER_ALONE,
    ),
    # Bounded before the @, or a long word costs its square in Python; hyperscan refuses bounds of 50 and
    # more.
    Rule(
        "email",
        "email",
        r"[A-Za-z0-9._%+-]{1,40}@(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
        rf"|(?:[A-Za-z0-9-]+\.)*{_HANGUL_LABEL}(?:\.[A-Za-z0-9가-힣-]+)*\."
        r"(?:[A-Za-z]{2,}|한국|닷컴|닷넷|삼성))",
    ),
)
GROUPS: Final[tuple[str, ...]] = tuple(dict.fromkeys(rule.group for rule in RULES))
DEFAULT_GROUPS: Final = frozenset({"secrets"})
# Of the twelve digits before the check digit of a resident number.
_WEIGHTS: Final = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)


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
    if not rules:
        return "0"
    plain, checked = _apart(rules)
    conditions = [_match_sql(expression, plain)] if plain else []
    for rule in checked:
        found = f"arrayExists(m -> {_has_check_digit_sql('m')}, {_found_sql(expression, rule)})"
        conditions.append(f"({_match_sql(expression, (rule,))} AND {found})")
    return conditions[0] if len(conditions) == 1 else f"({' OR '.join(conditions)})"


def mask_sql(expression: str, rules: tuple[Rule, ...]) -> str:
    """The text with every match replaced. Costs a pass a rule: use it behind `hit_sql`."""
    plain, checked = _apart(rules)
    for rule in checked:
        # Digits only, so nothing in them means anything to a pattern.
        replaced = f"replaceRegexpAll(done, concat('\\\\b', m, '\\\\b'), {quote(rule.replacement)})"
        expression = _fold_sql(expression, rule, replaced)
    for rule in plain:
        expression = f"replaceRegexpAll({expression}, {quote(rule.expression)}, {quote(rule.replacement)})"
    return expression


def mask_raw_sql(expression: str, rules: tuple[Rule, ...]) -> str:
    """Encoded bytes with every match overwritten by asterisks, so that length prefixes stay true."""
    plain, checked = _apart(rules)
    asterisks = "replaceAll(done, m, repeat('*', length(m)))"
    for rule in checked:
        expression = _fold_sql(expression, rule, asterisks)
    if not plain:
        return expression
    # The longest first: once a part of it is overwritten, it is not found any more.
    found = f"arraySort(m -> -length(m), extractAll({expression}, {quote(_any_of(plain))}))"
    return f"arrayFold((done, m) -> {asterisks}, {found}, {expression})"


def _apart(rules: tuple[Rule, ...]) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """Rules of which the pattern decides, and those with a check digit; these are applied first."""
    return (
        tuple(rule for rule in rules if not rule.is_resident_number),
        tuple(rule for rule in rules if rule.is_resident_number),
    )


def _match_sql(expression: str, rules: tuple[Rule, ...]) -> str:
    return f"multiMatchAny({expression}, {strings(rule.expression for rule in rules)})"


def _found_sql(expression: str, rule: Rule) -> str:
    return f"extractAll({expression}, {quote(rule.pattern)})"


def _fold_sql(expression: str, rule: Rule, replaced: str) -> str:
    found = f"arrayFilter(m -> {_has_check_digit_sql('m')}, {_found_sql(expression, rule)})"
    return f"arrayFold((done, m) -> {replaced}, {found}, {expression})"


def _has_check_digit_sql(text: str) -> str:
    digit = f"toUInt16OrZero(substring({text}, i, 1))"
    places = numbers(range(1, len(_WEIGHTS) + 1))
    total = f"arraySum((i, w) -> {digit} * w, {places}, {numbers(_WEIGHTS)})"
    return f"(11 - {total} % 11) % 10 = toUInt16OrZero(substring({text}, {len(_WEIGHTS) + 1}, 1))"


def _has_check_digit(number: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return (11 - total % 11) % 10 == int(number[len(_WEIGHTS)])


def mask_text(text: str, groups: Collection[str] = DEFAULT_GROUPS) -> str:
    """The text as the store would keep it."""
    for rule, pattern in _compiled(frozenset(groups)):
        text = pattern.sub(_replace(rule), text)
    return text


def _replace(rule: Rule) -> str | Callable[[re.Match[str]], str]:
    if not rule.is_resident_number:
        return rule.replacement
    return lambda match: rule.replacement if _has_check_digit(match[0]) else match[0]


def mask_stored(text: str, groups: Collection[str] = DEFAULT_GROUPS) -> str:
    """A value as the views store it: masked, encoded values (see `values`) in place."""
    if not text.startswith("\x02"):
        return mask_text(text, groups)
    return text[:2] + base64.b64encode(mask_bytes(base64.b64decode(text[2:]), groups)).decode()


def mask_bytes(body: bytes, groups: Collection[str] = DEFAULT_GROUPS) -> bytes:
    """The body with every match overwritten by asterisks; its length and structure do not change."""
    text = body.decode("utf-8", "surrogateescape")
    for rule, pattern in _compiled_raw(select_rules(groups)):
        text = pattern.sub(partial(_overwrite, rule), text)
    return text.encode("utf-8", "surrogateescape")


def _overwrite(rule: Rule | None, match: re.Match[str]) -> str:
    if rule is not None and not _has_check_digit(match[0]):
        return match[0]
    return "*" * len(match[0].encode("utf-8", "surrogateescape"))


def _any_of(rules: tuple[Rule, ...]) -> str:
    # Without groups: extractAll would return the group instead of the match.
    return "|".join(rule.raw_expression for rule in rules)


@lru_cache(maxsize=32)
def _compiled(groups: frozenset[str]) -> tuple[tuple[Rule, re.Pattern[str]], ...]:
    plain, checked = _apart(select_rules(groups))
    return tuple((rule, re.compile(rule.expression, re.ASCII)) for rule in (*checked, *plain))


@lru_cache(maxsize=32)
def _compiled_raw(rules: tuple[Rule, ...]) -> tuple[tuple[Rule | None, re.Pattern[str]], ...]:
    """Patterns in the order they are applied, with the rule if its check digit decides."""
    plain, checked = _apart(rules)
    found = [(rule, re.compile(rule.pattern, re.ASCII)) for rule in checked]
    together = [(None, re.compile(_any_of(plain), re.ASCII))] if plain else []
    return (*found, *together)
