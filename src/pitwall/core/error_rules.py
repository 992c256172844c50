"""Why a call failed: the one table behind the SDK's classifier and the views that judge what others send.

What is known of a failure is brought into three pieces of evidence: type names and error codes (one a
line), the text, and an HTTP status. The rules are tried from the top; the first that one of the pieces meets
names the class. Rules that decide stand before those that only hint, because a wrapper that hints
("ApiError") often has a cause that decides.

Patterns see lower-case ASCII and keep to what Python, re2 and hyperscan read alike: no look-around, no `.`,
no `$`, no negated class, no counting of characters that may be Korean. Names and text end with a newline.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from string import ascii_lowercase, ascii_uppercase
from typing import Final

from pitwall.core.vocabulary import ErrorClass, Severity

_E = ErrorClass


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """`error_class` when a name matches `names`, the text matches `text` or the status is in `statuses`."""

    error_class: ErrorClass
    names: str = ""
    text: str = ""
    statuses: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Weight:
    """How bad a failure is for whoever runs the application, and whether somebody is to be told at once."""

    severity: Severity
    should_alert: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a failure; made by `make_evidence`."""

    names: str
    text: str
    status: int


DECISIVE_RULES: Final = (
    # Names of types, and codes that providers define: they say what happened, whatever the text mentions.
    ErrorRule(_E.TIMEOUT, text=r"(?:statement|lock|query) time-?out"),
    ErrorRule(
        _E.TOKEN_LIMIT,
        names=r"context_?window|context_?length|token_?limit|length_?finish_?reason|incomplete_?output"
        r"|string_above_max_length|max_tokens_(?:limit|exceeded)",
    ),
    ErrorRule(
        _E.GUARDRAIL,
        names=r"guardrail|content_?filter|content_?policy|moderation|blocked_?prompt|stop_?candidate"
        r"|responsible_?ai_?policy|prohibited_content",
    ),
    ErrorRule(
        _E.RATE_LIMIT,
        names=r"rate_?limit|too_?many_?requests|throttl|quota|resource_?exhausted",
    ),
    ErrorRule(
        _E.AUTH,
        names=r"authentication|authorization|unauthori[sz]ed|unauthenticated|permission_?denied|forbidden"
        r"|access_?denied|invalid_?api_?key|invalid_?password|expired_?token|refresh_?error"
        r"|credentials",
    ),
    ErrorRule(_E.TIMEOUT, names=r"time_?out|timed_?out|deadline_?exceeded"),
    ErrorRule(
        _E.CANCELLED,
        names=r"cancell?ed|generatorexit|keyboardinterrupt|aborterror|client_?disconnect",
    ),
    ErrorRule(
        _E.PARSE,
        names=r"json_?decode|decode_?error|decoding_?error|pars(?:e|er|ing|er_)_?(?:error|exception)|scannererror"
        r"|json_?error|invalid_?json|json_invalid|api_?response_?validation|\bsyntax_?error",
        text=r"type=json_invalid|\binvalid json\b",
    ),
    ErrorRule(
        _E.NETWORK,
        names=r"connect_?error|connection|connector_?error|network_?error|read_?error|write_?error"
        r"|protocol_?error|proxy_?error|\bssl|gaierror|broken_?pipe|disconnected|incomplete_?read"
        r"|max_?retry_?error|name_?resolution|chunked_?encoding|\becon|\benotfound|unreachable|dns_?error"
        r"|clientoserror",
        text=r"\bfetch failed",
    ),
    ErrorRule(_E.VALIDATION, names=r"validation_?error\b"),
    ErrorRule(
        _E.INTERNAL,
        names=r"\b(?:key|index|attribute|name|type|import|memory|recursion|assertion|permission|overflow"
        r"|zerodivision|unboundlocal|notimplemented|filenotfound|modulenotfound|reference)error\b",
    ),
    # Words that are clear enough to beat the HTTP status they came with.
    ErrorRule(
        _E.RATE_LIMIT,
        text=r"rate[ _-]?limit|too many requests|\bquota\b|throttl|resource[ _]?exhausted"
        r"|(?:tokens|requests) per (?:min|day)"
        r"|요청 ?(?:한도|제한|횟수)(?:를|을|가|이)? ?초과",
    ),
    ErrorRule(
        _E.TOKEN_LIMIT,
        text=r"context[ _]?(?:length|window)|context size|maximum context|too many tokens|token[ _]?limit"
        r"|maximum (?:allowed )?(?:number of )?(?:input |output |prompt )?tokens|max [0-9]+ tokens"
        r"|tokens? count[a-z0-9 ()_,:]{0,40}exceed|max_tokens is too|max_tokens[a-z0-9 ()_,:]{0,40}exceed"
        r"|(?:prompt|input|string|text) is too long|input length exceed|sequence length is longer"
        r"|length limit was reached"
        r"|토큰 ?(?:한도|제한|수|길이)(?:를|을|가|이)? ?초과",
    ),
    ErrorRule(
        _E.GUARDRAIL,
        text=r"guardrail|content[ _-]?filter|content[ _-]?policy|content management policy|moderation"
        r"|safety (?:filter|setting|system|rating|reason)|prohibited[ _]content|harm_category"
        r"|(?:prompt|response|answer) was blocked|blocked by (?:the |our )?(?:safety|polic|content|filter)"
        r"|가드레일|콘텐츠 ?(?:필터|정책)",
    ),
    ErrorRule(
        _E.AUTH,
        text=r"unauthori[sz]ed|unauthenticated|authentication|permission[ _]?denied|\bforbidden\b"
        r"|access denied|(?:invalid|incorrect|missing|no) (?:x-)?api[ _-]?key"
        r"|api[ _-]?key (?:not valid|is invalid|is missing)"
        r"|인증(?:에|이)? ?(?:실패|오류)|권한이 없",
    ),
    ErrorRule(_E.RATE_LIMIT, statuses=(429,)),
    ErrorRule(_E.AUTH, statuses=(401, 402, 403, 407)),
    ErrorRule(_E.TIMEOUT, statuses=(408, 504, 524)),
    ErrorRule(_E.CANCELLED, statuses=(499,)),
    ErrorRule(
        _E.VALIDATION,
        statuses=(400, 404, 405, 406, *range(409, 419), *range(421, 427), 428, 431, 451),
    ),
    ErrorRule(_E.PROVIDER, statuses=(*range(500, 504), *range(505, 512), *range(520, 524), *range(525, 531))),
)
HINTING_RULES: Final = (
    ErrorRule(
        _E.TIMEOUT,
        text=r"timed[ -]?out|time[ -]?out[]\n ,:.!)'\"]|deadline[ _]?exceeded|took too long"
        r"|시간 ?초과|타임아웃",
    ),
    ErrorRule(
        _E.NETWORK,
        text=r"\becon|\bconnect(?:ion|ing)?\b|network|\bdns\b|name resolution|name or service not known"
        r"|getaddrinfo|unreachable|\bsocket\b|broken pipe|server disconnected|peer closed|\btls\b|\bssl\b"
        r"|certificate|eof occurred|연결(?:에|이)? ?(?:실패|오류|거부)|연결할 수 없|네트워크",
    ),
    ErrorRule(
        _E.CANCELLED, text=r"\bcancell?ed|\baborted|client disconnect|generatorexit|keyboardinterrupt|취소"
    ),
    ErrorRule(
        _E.PARSE,
        text=r"json[ _]?(?:decode|pars)|pars(?:e|er|ing) (?:error|failed)|output[ _]?pars|not valid json"
        r"|(?:could not|cannot|failed to) (?:parse|decode)|unexpected token|unterminated string"
        r"|expecting (?:value|property name)"
        r"|파싱(?:에|이)? ?(?:실패|오류)|json 형식",
    ),
    ErrorRule(
        _E.VALIDATION,
        names=r"bad_?request|invalid_?(?:request|argument|parameter|input|value|dimension|collection|url)"
        r"|unprocessable|not_?found|conflict|validation|already_?exists|failed_?precondition|out_?of_?range"
        r"|unsupported_?protocol|missing_?schema|unique_?constraint",
    ),
    ErrorRule(
        _E.PROVIDER,
        names=r"internal_?(?:server_?)?error|service_?unavailable|\bunavailable|bad_?gateway|overloaded"
        r"|server_?error|api_?error|api_?status_?error|upstream|too_?many_?redirects|model_?error",
    ),
    ErrorRule(
        _E.VALIDATION,
        text=r"validation|invalid[ _-](?:request|argument|input|value|parameter)|bad request|\bschema\b"
        r"|not found|does not exist|검증(?:에|이)? ?(?:실패|오류)|유효하지 않|잘못된 (?:요청|입력|값)",
    ),
    ErrorRule(
        _E.PROVIDER,
        text=r"internal server|server error|\bunavailable|bad gateway|api error|upstream|overloaded",
    ),
)
RULES: Final = (*DECISIVE_RULES, *HINTING_RULES)
DEFAULT_CLASS: Final = _E.INTERNAL

WEIGHTS: Final = {
    _E.TIMEOUT: Weight(Severity.ERROR, should_alert=True),
    _E.RATE_LIMIT: Weight(Severity.WARNING, should_alert=True),
    _E.TOKEN_LIMIT: Weight(Severity.WARNING, should_alert=False),
    _E.PROVIDER: Weight(Severity.ERROR, should_alert=True),
    _E.PARSE: Weight(Severity.WARNING, should_alert=False),
    _E.VALIDATION: Weight(Severity.WARNING, should_alert=False),
    _E.GUARDRAIL: Weight(Severity.INFO, should_alert=False),
    _E.AUTH: Weight(Severity.CRITICAL, should_alert=True),
    _E.NETWORK: Weight(Severity.ERROR, should_alert=True),
    _E.CANCELLED: Weight(Severity.INFO, should_alert=False),
    _E.INTERNAL: Weight(Severity.ERROR, should_alert=True),
}

# Where a type was defined says nothing: `shop.connection.ShopError` is no network failure.
QUALIFIER: Final = r"^(?:[a-z_][a-z0-9_]*[.])+"
# Each has one group. Names in a text: of a type (`openai.RateLimitError: `), and a provider's code in JSON.
_TYPE_IN_TEXT: Final = (
    r"(?m)(?:^|raised |caused by |\()(?:[a-z_][a-z0-9_]*[.])*([a-z_][a-z0-9_]*"
    r"(?:error|exception|timeout|expired|exceeded|exhausted|cancelled|interrupt|denied))[:(>\]]"
)
_CODE_IN_TEXT: Final = r"['\"](?:type|code|status)['\"]: ?['\"]([a-z0-9_.]+)['\"]"
NAMES_IN_TEXT: Final = (_TYPE_IN_TEXT, _CODE_IN_TEXT)
# An HTTP status at the start of a line (`504`, `404 client error:`, `429 resource_exhausted.`), or announced.
_LEADING_STATUS: Final = r"(?m)^([45][0-9][0-9])(?:\n|:| client error| server error| [a-z_]+[.:])"
_ANNOUNCED_STATUS: Final = (
    r"(?:error code|status code|status_code|http status|status|http/[0-9.]+|http error|http"
    r"|(?:client|server) error)['\"]?(?::|=| is|) ?['\"(<]?([45][0-9][0-9])\b"
)
STATUS_IN_TEXT: Final = (_LEADING_STATUS, _ANNOUNCED_STATUS)
_LOWER: Final = str.maketrans(ascii_uppercase, ascii_lowercase)


def make_evidence(names: Iterable[str], text: str, status: int = 0) -> Evidence:
    """Bring what is known of a failure into the form that the rules look at.

    Args:
        names: Type names and error codes.
        text: Whatever was said.
        status: The HTTP status, 0 when there was none. One below 400 is none: the answer was fine, what came
            after it failed.
    """
    lowered = f"{text}\n".translate(_LOWER)
    lowered_names = (name.translate(_LOWER) for name in names)
    given = "".join(f"{_compiled(QUALIFIER).sub('', name)}\n" for name in lowered_names)
    found = "".join(f"{name}\n" for pattern in NAMES_IN_TEXT for name in _compiled(pattern).findall(lowered))
    return Evidence(given + found, lowered, status if status >= 400 else _status_in(given + lowered))


def match_rules(evidence: Evidence, rules: Iterable[ErrorRule] = RULES) -> ErrorClass | None:
    """The class of the first rule that the evidence meets, None when there is none."""
    for rule in rules:
        if (
            (rule.names and _compiled(rule.names).search(evidence.names))
            or (rule.text and _compiled(rule.text).search(evidence.text))
            or evidence.status in rule.statuses
        ):
            return rule.error_class
    return None


def classify_text(error_type: str, text: str, status: int = 0) -> ErrorClass:
    """The class of a failure of which only texts are known."""
    return match_rules(make_evidence([error_type], text, status)) or DEFAULT_CLASS


def _status_in(text: str) -> int:
    for pattern in STATUS_IN_TEXT:
        if (found := _compiled(pattern).search(text)) is not None:
            return int(found[1])
    return 0


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)
