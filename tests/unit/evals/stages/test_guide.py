"""The guide: rules are data, quote what was measured and speak both languages; steps side by side."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pitwall.evals.stages.errors import StageGuideInvalid
from pitwall.evals.stages.guide import find
from pitwall.evals.stages.matching import MatchedBy, pair
from pitwall.evals.stages.pack_files import load_rules
from pitwall.evals.stages.summary import summarise
from pitwall.evals.stages.types import StageEvent
from pitwall.kit.i18n import Language
from pitwall.signals.catalogue import core_pack

RULES = load_rules([core_pack()])
RULE = """
rules:
  - name: slow
    stage: output
    when:
      - {metric: output.latency_ms, as: latency, above: 100, min_count: 2}
    found:
      en: "It takes {latency.value} over {latency.count}."
      ko: "{latency.count}건이 {latency.value} 걸립니다."
    advice:
      - {en: Be brief., ko: 짧게 하세요.}
"""


def make_event(stage_type: str = "retrieval", stage_id: str = "s", **more: object) -> StageEvent:
    return replace(StageEvent(run_id="r", stage_id=stage_id, stage_type=stage_type), **more)  # type: ignore[arg-type]


def write_rules(folder: Path, text: str) -> Path:
    """A pack with one guide."""
    (folder / "stages").mkdir(parents=True)
    (folder / "stages" / "guide.yaml").write_text(text)
    return folder


def test_core_rules_speak_both_languages() -> None:
    """Every rule of the core pack has its texts and advice in Korean and English."""
    assert len(RULES) >= 10
    for rule in RULES:
        for text in (rule.found, *rule.advice):
            assert text.en != text.ko
            assert any("가" <= letter <= "힣" for letter in text.ko), rule.name


def test_finding_quotes_the_numbers() -> None:
    """A rule whose condition holds says value, count and threshold as they were measured."""
    labels = {"tc": {"d1", "d2", "d3"}}
    events = [
        make_event(attributes={"doc_ids": ["d1", "x"]}, metadata={"test_case_id": "tc"}, duration_ms=700.0),
        make_event(attributes={"doc_ids": ["d2", "y"]}, metadata={"test_case_id": "tc"}, duration_ms=100.0),
    ]
    findings = {one.rule.name: one for one in find(RULES, summarise(events, labels, {}), [])}
    assert list(findings) == ["recall_low", "retrieval_slow"]
    recall = findings["recall_low"].text
    assert "0.333 over 2 labelled searches, below 0.6" in recall.en
    assert "2건" in recall.ko
    assert "0.333" in recall.ko
    assert (
        "670 ms at the 95th percentile of 2 searches, above 500 ms; 1 took longer"
        in findings["retrieval_slow"].text.en
    )


def test_nothing_is_said_without_numbers() -> None:
    """No events, no findings; searches without labels say only that labels are missing."""
    assert find(RULES, [], []) == []
    unlabelled = [make_event(attributes={"doc_ids": ["d1"]})]
    findings = find(RULES, summarise(unlabelled, {}, {}), [])
    assert [one.rule.name for one in findings] == ["labels_missing"]


def test_spans_count_where_events_say_nothing(tmp_path: Path) -> None:
    """Numbers of events come first; what only spans measured is told as theirs."""
    rules = load_rules([write_rules(tmp_path, RULE)])
    slow = summarise([make_event("output", duration_ms=500.0)] * 2, {}, {})
    unknown = summarise([make_event("output")] * 2, {}, {})
    fast = summarise([make_event("output", duration_ms=1.0)] * 2, {}, {})
    (finding,) = find(rules, unknown, slow)
    assert finding.evidence[0].source == "spans"
    assert finding.text.say(Language.KOREAN) == "2건이 500 ms 걸립니다."
    assert find(rules, fast, slow) == []


def test_rule_waits_for_enough_values(tmp_path: Path) -> None:
    """Thin data is no reason for advice."""
    rules = load_rules([write_rules(tmp_path, RULE)])
    assert find(rules, summarise([make_event("output", duration_ms=500.0)], {}, {}), []) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("output.latency_ms", "output.latency", 6, "no stage metric 'output.latency'"),
        (", above: 100", "", 6, "say verdict, above or below"),
        ("{latency.value} over", "{speed.value} over", 3, "nothing is called {speed.value}"),
        ("{latency.value} over", "{latency.metric} over", 3, "nothing is called {latency.metric}"),
        ("{latency.value} over", "{latency.value over", 3, "unexpected '{'"),
        ("ko: 짧게 하세요.", "kr: 짧게 하세요.", 11, "ko: Field required"),
        ("    stage: output\n", "", 3, "stage: Field required"),
        ("rules:", "rule:", 2, "a mapping with `rules`"),
    ],
)
def test_wrong_rule_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    """A guide that cannot be used names file, line and what is wrong."""
    assert old in RULE
    pack = write_rules(tmp_path, RULE.replace(old, new))
    with pytest.raises(StageGuideInvalid) as caught:
        load_rules([pack])
    assert f"guide.yaml:{line}: " in caught.value.message
    assert message in caught.value.message


def test_rule_of_a_taken_name_is_refused(tmp_path: Path) -> None:
    """Two packs cannot have a rule of one name."""
    packs = [write_rules(tmp_path / name, RULE) for name in ("a", "b")]
    with pytest.raises(StageGuideInvalid, match="slow already"):
        load_rules(packs)


def test_steps_are_matched_by_span_then_by_trace() -> None:
    """The span that an event names; else the only one of its stage in the trace; else each stands alone."""
    spans = [
        make_event(stage_id="1", trace_id="t1", span_id="1"),
        make_event(stage_id="2", trace_id="t2", span_id="2"),
        make_event("output", stage_id="3", trace_id="t2", span_id="3"),
        make_event("output", stage_id="4", trace_id="t3", span_id="4"),
        make_event("output", stage_id="5", trace_id="t3", span_id="5"),
    ]
    events = [
        make_event(stage_id="a", trace_id="t1", span_id="1"),
        make_event(stage_id="b", trace_id="t2"),
        make_event("output", stage_id="c", trace_id="t3"),  # two spans it could be
        make_event("output", stage_id="d", span_id="3"),  # without its trace
        make_event("input", stage_id="e"),
        make_event(stage_id="f", trace_id="t1", span_id="1"),  # the same span again
    ]
    found = [
        (one.event and one.event.stage_id, one.span and one.span.stage_id, one.matched_by)
        for one in pair(events, spans)
    ]
    assert found == [
        ("a", "1", MatchedBy.SPAN_ID),
        ("b", "2", MatchedBy.TRACE_ID),
        ("c", None, None),
        ("d", "3", MatchedBy.SPAN_ID),
        ("e", None, None),
        ("f", None, None),
        (None, "4", None),
        (None, "5", None),
    ]
