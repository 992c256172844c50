"""What a gate says, as the systems that run it want to read it: GitHub, GitLab, JUnit, Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from pitwall.evals.comparison.gate_types import CheckKind, GateExit
from pitwall.evals.comparison.report import change_lines, metric_table, said
from pitwall.kit.cli_output import to_json
from pitwall.kit.hashing import json_hash
from pitwall.kit.i18n import Language, Text

Json = Mapping[str, Any]


class CiFormat(StrEnum):
    """Forms of the result."""

    GITHUB = "github"
    """Annotations on stdout; the page goes to the summary of the step."""
    GITLAB = "gitlab"
    """A code quality report."""
    JUNIT = "junit"
    """A test report, for GitLab, Jenkins and others."""
    MARKDOWN = "markdown"
    """A comment on a change."""
    JSON = "json"


OUTCOMES: Final[Mapping[str, Text]] = {
    GateExit.PASSED: Text("passed", "통과"),
    GateExit.THRESHOLD: Text("a demand is not met", "기준 미달"),
    GateExit.REGRESSION: Text("worse than the baseline", "기준 실행보다 악화"),
}
CHECKS: Final[Mapping[str, Text]] = {
    CheckKind.THRESHOLD: Text("threshold", "임계값"),
    CheckKind.CASES: Text("passed cases", "통과 케이스"),
    CheckKind.UNSCORED: Text("unscored cases", "미판정 케이스"),
    CheckKind.COMPLETE: Text("complete", "완료 여부"),
    CheckKind.REGRESSION: Text("regression", "회귀"),
}
_TITLE = Text("Evaluation of {dataset}: {outcome}", "{dataset} 평가: {outcome}")
_HEAD = Text("| | check | metric | what was found |", "| | 검사 | 메트릭 | 결과 |")
_AGAINST = Text("Against {a} (`{run}`):", "비교 대상 {a}(`{run}`):")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(gate: Json, form: CiFormat, language: Language) -> str:
    """Return what a gate says in a form.

    Args:
        gate: In its written form.
    """
    match form:
        case CiFormat.GITHUB:
            return "".join(f"{line}\n" for line in _annotations(gate, language))
        case CiFormat.GITLAB:
            return to_json(_code_quality(gate, language), indent=True) + "\n"
        case CiFormat.JUNIT:
            return _junit(gate, language)
        case CiFormat.MARKDOWN:
            return summary_page(gate, language)
        case CiFormat.JSON:
            return to_json(gate, indent=True) + "\n"


def summary_page(gate: Json, language: Language) -> str:
    """Return what a gate says as Markdown: for the summary of a step, or a comment on a change."""
    return "\n".join(_summary(gate, language)) + "\n"


def _summary(gate: Json, language: Language) -> Iterator[str]:
    yield f"## {title(gate, language)}"
    yield from ("", _HEAD.say(language), "|---|---|---|---|")
    for check in gate["checks"]:
        mark = "✅" if check["is_passed"] else "❌"
        words = said(check["text"], language).replace("|", "\\|")
        yield f"| {mark} | {CHECKS[check['kind']].say(language)} | {check['metric'] or ''} | {words} |"
    comparison = gate["comparison"]
    if comparison is None:
        return
    a = comparison["a"]
    name = gate["baseline"] or a["name"]
    yield from ("", _AGAINST.say(language, a=name, run=a["id"]), "")
    yield from (f"> ⚠️ {said(notice['text'], language)}" for notice in comparison["notices"])
    yield ""
    yield from metric_table(comparison, language)
    yield ""
    yield from (f"- {line}" for line in change_lines(comparison, language))


def title(gate: Json, language: Language) -> str:
    """What came of a gate, in a few words."""
    return _TITLE.say(language, dataset=gate["dataset"], outcome=OUTCOMES[gate["exit"]].say(language))


def _failed(gate: Json) -> Sequence[Json]:
    return [check for check in gate["checks"] if not check["is_passed"]]


def _notices(gate: Json) -> Sequence[Json]:
    return [] if gate["comparison"] is None else gate["comparison"]["notices"]


def _annotations(gate: Json, language: Language) -> Iterator[str]:
    for check in _failed(gate):
        heading = _property(_name(check, language))
        yield f"::error title={heading}::{_message(said(check['text'], language))}"
    for notice in _notices(gate):
        yield f"::warning title={_property(notice['kind'])}::{_message(said(notice['text'], language))}"
    yield f"::notice title=pitwall::{_message(title(gate, language))}"


def _name(check: Json, language: Language) -> str:
    kind = CHECKS[check["kind"]].say(language)
    return kind if check["metric"] is None else f"{kind}: {check['metric']}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")


def _code_quality(gate: Json, language: Language) -> list[dict[str, Any]]:
    """One entry for each thing that failed; its fingerprint is the same in the next run of the dataset."""
    return [
        {
            "description": said(check["text"], language),
            "check_name": f"pitwall-{check['kind']}",
            "fingerprint": json_hash([gate["dataset"], check["kind"], check["metric"]]),
            "severity": "critical" if check["kind"] == CheckKind.REGRESSION else "major",
            "location": {"path": gate["dataset"], "lines": {"begin": 1}},
        }
        for check in _failed(gate)
    ]


def _junit(gate: Json, language: Language) -> str:
    checks = gate["checks"]
    counts = {"tests": str(len(checks)), "failures": str(len(_failed(gate)))}
    root = Element("testsuites", {"name": "pitwall", **counts})
    suite = SubElement(root, "testsuite", {"name": _xml(gate["dataset"]), **counts})
    properties = SubElement(suite, "properties")
    SubElement(properties, "property", name="run_id", value=gate["run_id"])
    for check in checks:
        name = _xml(CHECKS[check["kind"]].say(language))
        case = SubElement(suite, "testcase", classname=f"pitwall.{check['metric'] or 'run'}", name=name)
        words = _xml(said(check["text"], language))
        if check["is_passed"]:
            SubElement(case, "system-out").text = words
        else:
            SubElement(case, "failure", type=check["kind"], message=words).text = words
    if _notices(gate):
        lines = [said(notice["text"], language) for notice in _notices(gate)]
        SubElement(suite, "system-err").text = _xml("\n".join(lines))
    indent(root)
    return tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _xml(text: str) -> str:
    """Text without what XML cannot hold."""
    return _NOT_XML.sub("�", text)
