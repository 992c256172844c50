"""Numbers with their units and dates in Korean and English text, in one form whatever way they are written.

`1억원`, `100,000,000원` and `1억 원` are one quantity; so are `24시간` and `1일`, `1.5 million` and
`1,500,000`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import zip_longest
from typing import Final

from pitwall.evals.text.particles import is_ending, is_hangul
from pitwall.evals.text.units import UNITS

# Longer rows of digits are codes, not numbers.
_DIGITS: Final = r"\d{1,3}(?:,\d{3}){1,9}(?:\.\d{1,30})?(?!\d)|\d{1,30}(?:\.\d{1,30})?(?!\d)"
_SCALES: Final = {"조": 10**12, "억": 10**8, "만": 10**4, "천": 10**3, "백": 10**2, "십": 10}
_ENGLISH_SCALES: Final = {
    "hundred": 100,
    "thousand": 1000,
    "k": 1000,
    "million": 10**6,
    "mn": 10**6,
    "billion": 10**9,
    "bn": 10**9,
    "trillion": 10**12,
}
_SMALL: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_WORDS: Final = {
    **{word: value for value, word in enumerate(_SMALL.split())},
    **{
        word: 10 * value
        for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
    },
}
_SINO_DIGITS: Final = "영일이삼사오육칠팔구"
_SCALE: Final = "".join(_SCALES)
_SINO: Final = {digit: value for value, digit in enumerate(_SINO_DIGITS)}
_NATIVE: Final = {
    word: value
    for value, words in enumerate(
        ("한 하나", "두 둘", "세 셋", "네 넷", "다섯", "여섯", "일곱", "여덟", "아홉", "열"), 1
    )
    for word in words.split()
}
_MONTHS: Final = (
    "january february march april may june july august september october november december".split()
)

_SPELLED: Final = "|".join(word for word in _WORDS if word != "one")
_MONTH: Final = "|".join(f"{month}|{month[:3]}\\.?" for month in _MONTHS)

_DATE: Final = re.compile(
    rf"""
    (?P<y1>\d{{4}})\s?년\s?(?P<m1>\d{{1,2}})\s?월(?:\s?(?P<d1>\d{{1,2}})\s?일)?
    | (?<![\d.])(?P<y2>\d{{4}})(?P<sep>[-./])(?P<m2>\d{{1,2}})(?P=sep)(?P<d2>\d{{1,2}})(?!\d)
    | (?<!\d)(?P<m3>\d{{1,2}})\s?월\s?(?P<d3>\d{{1,2}})\s?일
    | \b(?P<M4>{_MONTH})\s(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s(?P<y4>\d{{4}}))?\b
    | \b(?P<d5>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?(?P<M5>{_MONTH})(?:,?\s(?P<y5>\d{{4}}))?\b
    | \b(?P<M6>{_MONTH})\s(?P<y6>\d{{4}})\b
    | (?<!\d)(?P<y7>1\d{{3}}|20\d{{2}}|21\d{{2}})\s?년(?!\s?간|\s?동안)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_NUMBER: Final = re.compile(
    rf"""
    (?P<bottom>\d{{1,9}})\s?분의\s?(?P<top>\d{{1,9}})
    | (?:(?P<prefix>[$₩€£¥])\s?)?
      (?P<sign>(?<![\w.)%])[-−])?
      (?<!\d)(?<!\d\.)(?P<chain>(?:(?:{_DIGITS})\s?[조억만천백십]{{1,4}}\s?){{1,6}}(?:{_DIGITS})?|(?:{_DIGITS}))
      (?:\s?(?P<scale>hundred|thousand|million|billion|trillion|mn|bn|k)\b)?
    | \b(?P<word>{_SPELLED})(?:[-\s](?P<unitword>one|two|three|four|five|six|seven|eight|nine))?\b
      (?:\s(?P<wordscale>hundred|thousand|million|billion|trillion)\b)?
    | (?<![가-힣])(?P<sino>[{_SINO_DIGITS}{_SCALE}]{{0,15}}[{_SCALE}][{_SINO_DIGITS}{_SCALE}]{{0,15}})
      (?=\s?(?:원|달러|퍼센트|명|개월|년|시간))
    | (?<![가-힣])(?P<native>한|두|세|네|다섯|여섯|일곱|여덟|아홉|열)
      (?=\s?(?:명|개|번|시간|달|살|가지|대|마리|권|장|곳))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CHAIN: Final = re.compile(rf"({_DIGITS})\s?([조억만천백십]{{0,4}})")
_PREFIXES: Final = "$₩€£¥"
_UNIT: Final = re.compile(
    r"\s?("
    + "|".join(re.escape(unit) for unit in sorted(UNITS, key=len, reverse=True) if unit not in _PREFIXES)
    + ")",
    re.IGNORECASE,
)
_RANGE: Final = re.compile(r"\s?[~∼–-]\s?")
_NAME_AFTER: Final = re.compile(r"(?!s\b)[A-Za-z_]")
_AFTER_UNIT: Final = frozenset("간 동안 씩 정도 이상 이하 초과 미만 이내 쯤 여 만에 째 짜리".split())
_CODE_BEFORE: Final = re.compile(r"[A-Za-z_]-?$|제$")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in a text.

    Attributes:
        start: Where it begins in the text.
        end: Where it ends, its unit included.
        value: In the base unit.
        unit: Base unit; empty for a number alone, `date` for a date.
        label: The one form: `100000000KRW`, `2024-03-05`.
    """

    start: int
    end: int
    value: Fraction
    unit: str
    label: str

    @property
    def parts(self) -> list[str]:
        """The label, that of a date as year and day, so that one can be told without the other."""
        if self.unit != "date":
            return [self.label]
        year, _, day = self.label.replace("--", "-").partition("-")
        return [part for part in (year, day) if part]

    def agrees(self, other: Quantity) -> bool:
        """Whether two are the same; one without a unit agrees with the number whatever it counts."""
        if self.label == other.label:
            return True
        if "date" in (self.unit, other.unit):
            return _dates_agree(self.label, other.label)
        return self.value == other.value and (not self.unit or not other.unit)


def find_quantities(text: str) -> list[Quantity]:
    """Return the numbers and dates of a text, in its order.

    Args:
        text: In NFC.
    """
    dates = [_date(match) for match in _DATE.finditer(text)]
    found, position = list[Quantity](), 0
    for start, end in [*((date.start, date.end) for date in dates), (len(text), len(text))]:
        found.extend(_numbers(text, position, start))
        position = end
    return sorted([*dates, *_share_units(text, found)], key=lambda one: one.start)


def _date(match: re.Match[str]) -> Quantity:
    parts = {name[0]: value for name, value in match.groupdict().items() if value and name[-1].isdigit()}
    year = parts.get("y", "-")
    month = _month(parts.get("M")) if "M" in parts else int(parts.get("m", 0))
    label = year
    if month:
        label += f"-{month:02d}"
    if "d" in parts:
        label += f"-{int(parts['d']):02d}"
    if label.isdigit():
        return Quantity(match.start(), match.end(), Fraction(int(label)), "", label)
    return Quantity(match.start(), match.end(), Fraction(0), "date", label)


def _month(name: str | None) -> int:
    short = (name or "").lower().rstrip(".")
    return next(index for index, month in enumerate(_MONTHS, 1) if month.startswith(short))


def _dates_agree(one: str, other: str) -> bool:
    """Whether one date is the other with less said: `2024`, `--03-05` or `2024-03` and `2024-03-05`."""
    short, long = sorted((one.replace("--", "-"), other.replace("--", "-")), key=len)
    return long.startswith(f"{short}-") or (short.startswith("-") and long.endswith(short))


def _numbers(text: str, start: int, end: int) -> Iterator[Quantity]:
    for match in _NUMBER.finditer(text, start, end):
        if _CODE_BEFORE.search(text[max(0, match.start() - 2) : match.start()]):
            continue  # GPT-4, B2B, 제3조: a name, not a number
        value = _value(match)
        unit, factor, stop = _unit(text, match)
        if unit is None and _NAME_AFTER.match(text, stop):
            continue  # 3D, 5G, but 1990s
        yield _quantity(match.start(), stop, value * factor, unit or "")


def _quantity(start: int, end: int, value: Fraction, unit: str) -> Quantity:
    return Quantity(start, end, value, unit, f"{_decimal(value)}{unit}")


def _decimal(value: Fraction) -> str:
    """Write a fraction as a decimal number if it is one: `3.5`, and `1/3` if not."""
    if value.denominator == 1:
        return str(value.numerator)
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return f"{float(value):.12g}" if rest == 1 else str(value)


def _value(match: re.Match[str]) -> Fraction:
    groups = match.groupdict()
    if groups["bottom"]:
        return Fraction(int(groups["top"]), int(groups["bottom"]) or 1)
    if groups["word"]:
        small = _WORDS[groups["word"].lower()] + (
            _WORDS[groups["unitword"].lower()] if groups["unitword"] else 0
        )
        return Fraction(small * _ENGLISH_SCALES.get((groups["wordscale"] or "").lower(), 1))
    if groups["sino"]:
        return Fraction(_sino(groups["sino"]))
    if groups["native"]:
        return Fraction(_NATIVE[groups["native"]])
    value = sum((_scaled(number, scales) for number, scales in _CHAIN.findall(groups["chain"])), Fraction(0))
    value *= _ENGLISH_SCALES.get((groups["scale"] or "").lower(), 1)
    return -value if groups["sign"] else value


def _scaled(number: str, scales: str) -> Fraction:
    value = Fraction(number.replace(",", ""))
    for scale in scales:
        value *= _SCALES[scale]
    return value


def _sino(word: str) -> int:
    """Read a number in Korean syllables: `삼백만` is 3,000,000."""
    total = section = digit = 0
    for syllable in word:
        if syllable in _SINO:
            digit = _SINO[syllable]
        elif _SCALES[syllable] < _SCALES["만"]:
            section += (digit or 1) * _SCALES[syllable]
            digit = 0
        else:
            total += ((section + digit) or 1) * _SCALES[syllable]
            section = digit = 0
    return total + section + digit


def _unit(text: str, match: re.Match[str]) -> tuple[str | None, Fraction, int]:
    """Return base unit, factor and where the unit ends; no unit is None."""
    end = match.end()
    prefix = match["prefix"]
    if prefix:
        base, factor = UNITS[prefix]
        return base, factor, end
    found = _UNIT.match(text, end)
    for name in _spellings(found[1]) if found else ():
        assert found is not None
        stop = found.start(1) + len(name)
        if _ends_at(text, stop, name):
            base, factor = UNITS[name.lower()]
            return base, factor, stop
    return None, Fraction(1), end


def _spellings(unit: str) -> list[str]:
    """The unit that was found, and those that it begins with: after `일간` also `일`."""
    starts = (unit[:length] for length in range(len(unit), 0, -1))
    return [start for start in starts if start.lower() in UNITS]


def _ends_at(text: str, end: int, unit: str) -> bool:
    """Whether a unit ends where it seems to: no letter follows, or only a Korean particle."""
    if not unit[-1].isalpha():
        return True
    if is_hangul(unit[-1]):
        tail = _tail(text, end)
        return not tail or is_ending(tail) or tail in _AFTER_UNIT
    return not (text[end : end + 1].isascii() and text[end : end + 1].isalnum())


def _tail(text: str, start: int) -> str:
    end = start
    while end < len(text) and is_hangul(text[end]):
        end += 1
    return text[start:end]


def _share_units(text: str, found: list[Quantity]) -> Iterator[Quantity]:
    """Give the first number of a range the unit of the second: `10~20%`."""
    for one, following in zip_longest(found, found[1:]):
        joined = following and not one.unit and _RANGE.fullmatch(text[one.end : following.start])
        if following and joined and following.unit and following.unit != "date":
            ratio = following.value / (_plain_value(text, following) or 1)
            yield _quantity(one.start, one.end, one.value * ratio, following.unit)
        else:
            yield one


def _plain_value(text: str, quantity: Quantity) -> Fraction:
    match = _NUMBER.match(text, quantity.start)
    return _value(match) if match else Fraction(1)
