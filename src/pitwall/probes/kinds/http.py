"""An address answers with the status, text and JSON it should, and its certificate lasts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from pitwall.kit.i18n import Text
from pitwall.kit.json_path import Missing, find
from pitwall.probes.findings import degraded, down, said, up
from pitwall.probes.kinds.asking import Question, Reply, put_question
from pitwall.probes.kinds.secrets import reveal
from pitwall.probes.types import HttpProbe, JsonExpectation, Outcome

_ELSEWHERE = Text(
    "HTTP {status} leads to another place, {host}, which is not asked",
    "HTTP {status} 응답이 다른 곳({host})으로 보내며, 그곳에는 묻지 않습니다",
)
_STATUS = Text("HTTP {status}, expected {expected}", "HTTP {status} 응답, 기대한 값은 {expected}")
_NO_TEXT = Text("the answer does not hold {wanted!r}", "응답에 {wanted!r} 문자열이 없습니다")
_NO_VALUE = Text("the answer has no {path}", "응답에 {path} 값이 없습니다")
_VALUE = Text("{path} is {value}, expected {expected}", "{path} 값이 {value}입니다. 기대한 값은 {expected}")
_CERTIFICATE = Text("the certificate ends in {days:.0f} days", "인증서가 {days:.0f}일 뒤에 끝납니다")
_SHOWN = 100


def ask_http(probe: HttpProbe, secrets: Mapping[str, SecretStr]) -> Outcome:
    """Ask the address once; see `kinds.ask`."""
    token = reveal(probe.secret, secrets)
    headers = {"user-agent": "pitwall-probe", "accept-encoding": "identity"}
    if token is not None:
        headers["authorization"] = f"Bearer {token}"
    reply = put_question(
        Question(probe.url, probe.timeout_seconds, probe.method, headers, ca_file=probe.ca_file)
    )
    return _judge(probe, reply)


def _judge(probe: HttpProbe, reply: Reply) -> Outcome:
    facts: dict[str, Any] = {"http_status": reply.status}
    measures: dict[str, float] = {}
    days = reply.certificate_days
    if days is not None:
        facts["certificate_days"] = measures["certificate_days"] = round(days, 2)
    problem = _problem(probe, reply)
    if problem is not None:
        return down(problem, measures=measures, **facts)
    if probe.json_value is not None:
        is_up, text = _compare(probe.json_value, reply.json())
        if text is not None:
            return (degraded if is_up else down)(text, measures=measures, **facts)
    if days is not None and days < probe.min_certificate_days:
        return degraded(said(_CERTIFICATE, days=days), measures=measures, **facts)
    return up(measures=measures, **facts)


def _problem(probe: HttpProbe, reply: Reply) -> Text | None:
    if reply.leads_to is not None and reply.status not in probe.status:
        return said(_ELSEWHERE, status=reply.status, host=reply.leads_to)
    is_expected = reply.status in probe.status if probe.status else reply.is_ok
    if not is_expected:
        expected = ", ".join(map(str, probe.status)) or "200–299"
        return said(_STATUS, status=reply.status, expected=expected)
    if probe.contains is not None and probe.contains not in reply.text:
        return said(_NO_TEXT, wanted=probe.contains)
    return None


def _compare(wanted: JsonExpectation, content: Any) -> tuple[bool, Text | None]:
    """Whether the service works, and what is not as it should be."""
    try:
        value = find(content, wanted.path)
    except Missing:
        return False, said(_NO_VALUE, path=wanted.path)
    if wanted.equals is None or _is_same(value, wanted.equals):
        return True, None
    text = said(_VALUE, path=wanted.path, value=str(value)[:_SHOWN], expected=wanted.equals)
    return wanted.degraded is not None and _is_same(value, wanted.degraded), text


def _is_same(value: Any, wanted: str | float | bool) -> bool:
    return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)
