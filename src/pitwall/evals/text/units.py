"""Units of measure that Korean and English texts use: to which base unit each one leads, and by what factor.

Only exact factors of one dimension: a day is 24 hours, a year is 12 months, but no month is 30 days.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

_TABLE: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "KRW": {"1": ("원", "krw", "won", "₩")},
    "USD": {"1": ("달러", "usd", "dollars", "dollar", "$", "불"), "1/100": ("cents", "cent", "센트")},
    "EUR": {"1": ("유로", "eur", "euros", "euro", "€")},
    "JPY": {"1": ("엔", "jpy", "yen", "¥")},
    "GBP": {"1": ("파운드", "gbp", "£")},
    "CNY": {"1": ("위안", "cny", "yuan")},
    "%": {"1": ("%", "퍼센트", "percent", "프로")},
    "%p": {"1": ("%p", "%포인트", "퍼센트포인트", "percentage points", "percentage point")},
    "s": {
        "1/1000": ("ms", "밀리초", "milliseconds", "millisecond"),
        "1": ("초", "sec", "secs", "seconds", "second"),
        "60": ("분", "min", "mins", "minutes", "minute"),
        "3600": ("시간", "h", "hr", "hrs", "hours", "hour"),
        "86400": ("일", "일간", "days", "day"),
        "604800": ("주", "주일", "주간", "weeks", "week"),
    },
    "month": {
        "1": ("개월", "달", "months", "month"),
        "12": ("년", "년간", "years", "year"),
        "120": ("decades", "decade"),
        "1200": ("세기", "centuries"),
    },
    "m": {
        "1/1000": ("mm", "밀리미터", "millimeters", "millimeter"),
        "1/100": ("cm", "센티미터", "센티", "centimeters", "centimeter"),
        "1": ("m", "미터", "meters", "meter", "metres", "metre"),
        "1000": ("km", "킬로미터", "kilometers", "kilometer", "kilometres", "kilometre"),
    },
    "inch": {
        "1": ("인치", "inches", "inch"),
        "12": ("피트", "ft", "feet", "foot"),
        "36": ("야드", "yards", "yard"),
        "63360": ("마일", "miles", "mile"),
    },
    "m2": {"1": ("㎡", "m²", "제곱미터", "평방미터"), "1000000": ("㎢", "km²", "제곱킬로미터")},
    "g": {
        "1/1000": ("mg", "밀리그램", "milligrams", "milligram"),
        "1": ("g", "그램", "grams", "gram"),
        "1000": ("kg", "킬로그램", "킬로", "kilograms", "kilogram", "kilos"),
        "1000000": ("톤", "tonnes", "tonne"),
    },
    "lb": {"1": ("lb", "lbs", "pounds", "pound"), "1/16": ("oz", "ounces", "ounce")},
    "L": {
        "1/1000": ("ml", "밀리리터", "milliliters", "milliliter"),
        "1": ("l", "리터", "liters", "liter", "litres", "litre"),
    },
    "B": {
        "1": ("byte", "bytes", "바이트"),
        "1000": ("kb", "킬로바이트"),
        "1000000": ("mb", "메가바이트"),
        "1000000000": ("gb", "기가바이트"),
        "1000000000000": ("tb", "테라바이트"),
        "1024": ("kib",),
        "1048576": ("mib",),
        "1073741824": ("gib",),
    },
    "degree": {"1": ("°c", "℃", "°", "도", "degrees", "degree", "celsius")},
    "people": {"1": ("명", "인", "people", "persons", "person")},
    "count": {"1": ("개", "건", "items", "item", "cases")},
    "times": {"1": ("회", "번", "차례", "times")},
    "age": {"1": ("세", "살")},
    "floor": {"1": ("층",)},
}

_COUNTERS: Final = "층 위 등 차 호 항 대 마리 권 곡 장 편 줄 가지 배 점 쪽 판 곳 종 단계".split()

UNITS: Final[Mapping[str, tuple[str, Fraction]]] = {
    **{
        name: (base, Fraction(factor))
        for base, factors in _TABLE.items()
        for factor, names in factors.items()
        for name in names
    },
    **{name: (name, Fraction(1)) for name in _COUNTERS},
}
"""Base unit and factor by the unit as it is written, in lower case."""
