"""Rules that score live traces, written in files of packs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pitwall.evals.metrics.registry import load
from pitwall.evals.online.changing import new_rule, plan_adoption
from pitwall.evals.online.errors import OnlineRulePackInvalid
from pitwall.evals.online.pack_files import load_online_rules
from pitwall.evals.online.types import PackRule, RuleContent
from pitwall.kit.clock import ManualClock

RULE = PackRule("shop", "default", "grounded", RuleContent(metrics=("offline_groundedness",)))


def write(pack: Path, text: str) -> Path:
    (pack / "online").mkdir(parents=True)
    (pack / "online" / "rules.yaml").write_text(text, "utf-8")
    return pack


def test_rules_are_read_with_their_project(tmp_path: Path) -> None:
    """What is not said has the same default as over HTTP."""
    text = """
- name: grounded
  metrics: [offline_groundedness]
- name: judged
  project: voc
  metrics: [faithfulness]
  filters: ["service:eq:voc-chat"]
  sample_rate: 0.05
  max_calls_per_day: 500
  max_cost_usd_per_day: "2.50"
"""
    first, second = load_online_rules([write(tmp_path / "shop", text)], load, ManualClock().now())
    assert first == RULE
    assert (second.project_id, second.content.sample_rate) == ("voc", 0.05)
    assert str(second.content.max_cost_usd_per_day) == "2.50"


def test_every_problem_is_told_with_its_line(tmp_path: Path) -> None:
    """All at once, so that nobody mends one after another."""
    text = """- name: one
  metrics: [no_such_metric]
- name: two
  metrics: [exact_match]
  filters: ["no:such:filter"]
- name: three
  metrics: [offline_groundedness]
  sample_rate: 2
- name: four
  metrics: [offline_groundedness]
  enabled: false
- name: a/b
  metrics: [offline_groundedness]
"""
    pack = write(tmp_path / "shop", text)
    with pytest.raises(OnlineRulePackInvalid) as caught:
        load_online_rules([pack], load, ManualClock().now())
    file = pack / "online" / "rules.yaml"
    told = caught.value.details["problems"]
    assert [problem.split(": ")[0] for problem in told] == [f"{file}:{line}" for line in (2, 5, 4, 8, 11, 12)]
    assert "no_such_metric" in told[0]
    assert "which live traces do not have" in told[2]


def test_same_name_twice_is_refused(tmp_path: Path) -> None:
    """In one project; another project may use it too."""
    rule = "  metrics: [offline_groundedness]\n"
    text = f"- name: one\n{rule}- name: one\n  project: voc\n{rule}- name: one\n{rule}"
    with pytest.raises(OnlineRulePackInvalid, match=r"rules.yaml:6: there is an online rule one already"):
        load_online_rules([write(tmp_path / "shop", text)], load, ManualClock().now())


def test_adoption_makes_changes_and_removes() -> None:
    """The stored rules follow the files, and whether one is paused stays."""
    clock = ManualClock()
    (made,) = plan_adoption([], [RULE], {"default"}, clock).saved
    assert (made.pack, made.is_enabled, made.content) == ("shop", True, RULE.content)
    assert plan_adoption([made], [RULE], {"default"}, clock).saved == []
    paused = replace(made, is_enabled=False)
    other = replace(RULE, content=replace(RULE.content, sample_rate=0.5))
    (changed,) = plan_adoption([paused], [other], {"default"}, clock).saved
    assert (changed.id, changed.is_enabled, changed.content.sample_rate) == (made.id, False, 0.5)
    assert plan_adoption([made], [], {"default"}, clock).removed == [made]


def test_rule_of_a_team_goes_before_that_of_a_pack() -> None:
    """A file never takes away what people made; rules for projects that are not there yet wait."""
    clock = ManualClock()
    own = new_rule("default", "grounded", replace(RULE.content, sample_rate=0.1), by="ann", clock=clock)
    plan = plan_adoption([own], [RULE, replace(RULE, project_id="later")], {"default"}, clock)
    assert (list(plan.saved), list(plan.removed)) == ([], [])
