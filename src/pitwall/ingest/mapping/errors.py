"""Why a call failed, from what instrumentation happens to say about it.

The rules are tried from the top against the lower-case text `error type`, `message`, `exception message`
(joined by a newline) and the HTTP status; the first that matches names the class. Patterns keep to what
hyperscan and Python read alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pitwall.core.vocabulary import ErrorClass as E
from pitwall.ingest.mapping.sql import numbers, strings


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """`error_class` when the text matches `pattern` or the HTTP status is one of `statuses`."""

    error_class: E
    pattern: str
    statuses: tuple[int, ...] = ()


ERROR_RULES: Final[tuple[ErrorRule, ...]] = (
    ErrorRule(
        E.RATE_LIMIT,
        r"rate.?limit|too many requests|\b429\b|quota|throttl|resource.?exhausted",
        (429,),
    ),
    ErrorRule(
        E.TOKEN_LIMIT,
        r"context.?length|context.?window|maximum context|too many tokens|max_tokens|token.?limit"
        r"|prompt is too long|input is too long|string too long",
    ),
    ErrorRule(
        E.GUARDRAIL,
        r"guardrail|content.?filter|content.?policy|content management policy|moderation"
        r"|safety (?:filter|setting|system|rating)|blocked by",
    ),
    ErrorRule(
        E.AUTH,
        r"unauthori[sz]ed|unauthenticated|authentication|permission.?denied|forbidden|invalid.?api.?key"
        r"|\b401\b|\b403\b",
        (401, 403),
    ),
    ErrorRule(E.TIMEOUT, r"time.?out|timed.?out|deadline.?exceeded|\b408\b|\b504\b", (408, 504)),
    ErrorRule(
        E.NETWORK,
        r"\becon|connection|network|\bdns\b|name resolution|getaddrinfo|unreachable|socket|broken pipe"
        r"|remote.?protocol|readerror|\btls\b|\bssl|eof occurred",
    ),
    ErrorRule(
        E.CANCELLED, r"cancel|aborted|client disconnect|generatorexit|keyboardinterrupt|\b499\b", (499,)
    ),
    ErrorRule(
        E.PARSE,
        r"json.?decode|json.?parse|parse.?error|parser|unexpected token|invalid json|output.?pars"
        r"|decodeerror",
    ),
    ErrorRule(
        E.VALIDATION,
        r"validation|invalid.?(?:request|argument|input|value|parameter)|bad.?request|typeerror|valueerror"
        r"|schema|not.?found|\b400\b|\b404\b|\b422\b",
        (400, 404, 405, 409, 413, 415, 422),
    ),
    ErrorRule(
        E.PROVIDER,
        r"internal.?server|server.?error|service.?unavailable|bad.?gateway|api.?error|apistatuserror|upstream"
        r"|overloaded|\b50[0235]\b|\b529\b",
        (500, 501, 502, 503, 505, 520, 529),
    ),
)
DEFAULT_CLASS: Final = E.INTERNAL


def error_class_sql(text: str, status: str) -> str:
    """SQL of the class; evaluate it on failed spans only."""
    none = len(ERROR_RULES) + 1
    matching = f"multiMatchAllIndices({text}, {strings(rule.pattern for rule in ERROR_RULES)})"
    first = f"arrayMin(arrayPushBack({matching}, {none}))"
    numbered = {
        code: number for number, rule in reversed([*enumerate(ERROR_RULES, 1)]) for code in rule.statuses
    }
    by_status = f"transform({status}, {numbers(numbered)}, {numbers(numbered.values())}, {none})"
    classes = [*(rule.error_class for rule in ERROR_RULES), DEFAULT_CLASS]
    return f"{strings(classes)}[least({first}, {by_status})]"


def classify_error(text: str, status: int) -> E:
    """The class of a failure; `text` as described above, `status` 0 when there was none."""
    lowered = text.lower()
    for rule in ERROR_RULES:
        if re.search(rule.pattern, lowered, re.ASCII) or status in rule.statuses:
            return rule.error_class
    return DEFAULT_CLASS
