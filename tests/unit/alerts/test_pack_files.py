"""Rules as YAML: those of packs, and texts that people and strangers write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pitwall.alerts.checks import notices_of
from pitwall.alerts.errors import RuleInvalid, RulePackInvalid
from pitwall.alerts.pack_files import load_rules, parse_rule
from pitwall.alerts.wire import read_rule, rule_yaml
from tests.unit.alerts.catalogue import BOOK, CATALOGUE, make_rule

SOUND = """\
name: shop.errors
title: {en: Shop errors, ko: 쇼핑 오류}
when: {bands: requests.error_rate}
by: [service]
"""


def test_rules_of_the_core_pack_can_be_evaluated() -> None:
    """Each has a title in both languages, and nothing about it is unwise."""
    for one in BOOK.packs.values():
        state = BOOK.state(one.rule.name, None)
        assert (state.problems, state.notices) == ((), ()), one.rule.name
        assert any("가" <= letter <= "힣" for letter in one.rule.title.ko), one.rule.name


def test_rule_that_is_written_and_read_is_the_same() -> None:
    """YAML, JSON and the store hold the same rule."""
    for one in BOOK.packs.values():
        assert read_rule(one.rule.content) == one.rule
        assert parse_rule(rule_yaml(one.rule), CATALOGUE) == one.rule


@pytest.mark.parametrize(
    ("change", "line", "message"),
    [
        (("requests.error_rate", "requests.eror_rate"), 3, "Did you mean requests.error_rate"),
        (("[service]", "[tenant]"), 3, "cannot be split by all of tenant"),
        (("when: {bands: requests.error_rate}", "when: {}"), 3, "exactly one of bands, threshold"),
        (("by: [service]", "for: soon"), 4, "is no length of time"),
        (("by: [service]", "window: 90s"), 4, "windows are whole minutes"),
        (("by: [service]", "severity: error"), 4, "severity is info, warning or critical"),
        (("by: [service]", "recover_for: 1m\nkeep_firing_for: 1m"), 1, "are the same"),
        (("by: [service]", "nodata: maybe"), 4, "nodata"),
        (("by: [service]", "forr: 5m"), 4, "forr"),
        (("by: [service]", "where: service ="), 3, "does not fit"),
        (("bands: requests.error_rate", "bands: llm.tokens"), 3, "has no bands"),
        (("bands: requests.error_rate", "bands: llm.model_share"), 3, "no single number"),
        (
            ("bands: requests.error_rate", "anomaly: {signal: llm.tokens, detector: magic}"),
            3,
            "no detector 'magic'",
        ),
        (
            ("bands: requests.error_rate", "burn_rate: {signal: llm.tokens, objective: 0.99}"),
            3,
            "needs a share between 0 and 1",
        ),
        (
            (
                "bands: requests.error_rate",
                "threshold: {signal: llm.tokens, warning: '> 9', critical: '> 5'}",
            ),
            3,
            "can never trigger",
        ),
        (
            (
                "bands: requests.error_rate",
                "threshold: {signal: llm.tokens, warning: {enter: '> 9', exit: '< 12'}}",
            ),
            3,
            "must lie outside",
        ),
        (("by: [service]", "confidence: 0.95\nby: [service]"), 3, ""),
    ],
)
def test_wrong_rule_is_named_with_its_line(change: tuple[str, str], line: int, message: str) -> None:
    """Every mistake is told with its line and the way out."""
    text = SOUND.replace(*change)
    if not message:
        parse_rule(text, CATALOGUE)
        return
    with pytest.raises(RuleInvalid, match=message) as caught:
        parse_rule(text, CATALOGUE)
    assert caught.value.details["line"] == line


def test_condition_split_by_other_labels_than_the_rule_is_refused() -> None:
    """What names an alert is the rule's labels: a part may have fewer, not others."""
    text = SOUND.replace(
        "when: {bands: requests.error_rate}",
        "when: {all: [{bands: {signal: requests.error_rate, by: [version]}}, "
        "{bands: requests.fallback_rate}]}",
    )
    with pytest.raises(RuleInvalid, match="which the rule is not"):
        parse_rule(text, CATALOGUE)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "- a\n- b", "name: [", "&a {b: *a}", "x" * 1000, "when: " + "{all: [" * 50, "\0"],
)
def test_text_of_a_stranger_is_refused(text: str) -> None:
    """Whatever it is, the answer is a message with a line."""
    with pytest.raises(RuleInvalid) as caught:
        parse_rule(text, CATALOGUE)
    assert caught.value.details["line"] >= 1


def test_for_shorter_than_the_window_is_told() -> None:
    """It is accepted, and the rule says what that means."""
    rule = make_rule({"bands": "requests.error_rate"}, window="10m", **{"for": "2m"})
    (notice,) = notices_of(rule)
    assert notice.where == "for"
    assert "2m is shorter than the window 10m" in notice.text.en
    for sensible in ("0s", "10m"):
        assert (
            notices_of(make_rule({"bands": "requests.error_rate"}, window="10m", **{"for": sensible})) == ()
        )


def test_problems_of_a_pack_are_listed_with_file_and_line(tmp_path: Path) -> None:
    """All of them at once, so that one look repairs the file."""
    folder = tmp_path / "mine" / "alerts"
    folder.mkdir(parents=True)
    (folder / "rules.yaml").write_text(
        "- name: a\n  title: {en: A, ko: 가}\n  when: {bands: nothing.here}\n"
        "- name: b\n  title: {en: B}\n  when: {bands: requests.error_rate}\n",
        "utf-8",
    )
    with pytest.raises(RulePackInvalid) as caught:
        load_rules([tmp_path / "mine"], CATALOGUE)
    problems = caught.value.details["problems"]
    assert [problem.split(": ")[0].rpartition("/")[2] for problem in problems] == [
        "rules.yaml:3",
        "rules.yaml:5",
    ]


@pytest.mark.parametrize(
    ("changes", "is_same"),
    [
        ({"title": {"en": "Other", "ko": "다른 제목"}}, True),
        ({"labels": {"team": "shop"}}, True),
        ({"runbook": "https://wiki.example/errors"}, True),
        ({"for": "5m"}, False),
        ({"where": "service = 'shop'"}, False),
        ({"nodata": "alert"}, False),
    ],
)
def test_alerts_begin_anew_only_if_the_rule_means_something_else(
    changes: dict[str, Any], is_same: bool
) -> None:
    """Another title ends no alert, another condition does."""
    before = make_rule({"bands": "requests.error_rate"})
    after = (
        make_rule({"bands": "requests.error_rate"}, **changes)
        if "title" not in changes
        else read_rule({**before.content, **changes})
    )
    assert (before.essence == after.essence) is is_same
    assert before.revision != after.revision
