"""Tests of rules: their notation, what they find, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from pitwall.alerts.errors import RuleTestInvalid
from pitwall.alerts.rule_tests import expand
from pitwall.cli.main import root
from tests.unit.alerts.catalogue import failures, run

SOUND = """
- name: errors fire at once and recover
  rule: requests.errors
  series:
    - labels: {service: shop}
      values: 0.001x5 0.3x10 0.001x6
  alerts:
    - {at: 5m, labels: {service: shop}, state: inactive}
    - {at: 7m, labels: {service: shop}, state: firing, severity: critical}
    - {at: 18m, labels: {service: shop}, state: recovering}
    - {at: 19m, labels: {service: shop}, state: resolved}
  events:
    - {at: 6m, kind: fired, labels: {service: shop}, severity: critical}
    - {at: 19m, kind: resolved, labels: {service: shop}, reason: recovered}
"""


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1 2 3", [1, 2, 3]),
        ("0.5x2", [0.5, 0.5, 0.5]),
        ("1+2x3", [1, 3, 5, 7]),
        ("-2-4x1", [-2, -6]),
        ("_ 1 _x2", [None, 1, None, None]),
        ("1e3", [1000]),
    ],
)
def test_notation_of_promtool(text: str, values: list[float | None]) -> None:
    """`axn` is a, and n times more."""
    assert expand(text) == values


@pytest.mark.parametrize("text", ["", "x", "1x", "1xx2", "nan", "_x", "1x99999999999"])
def test_notation_that_is_none(text: str) -> None:
    """It is refused before memory is filled."""
    with pytest.raises(ValueError, match="value"):
        expand(text)


def test_sound_test_passes() -> None:
    """The rule of the core pack does what the test expects."""
    (outcome,) = run(SOUND)
    assert outcome.failures == []
    assert outcome.has_passed
    assert outcome.where == "test.yaml:2"


@pytest.mark.parametrize(
    ("change", "failure"),
    [
        (("{at: 7m", "{at: 3m"), "at 3m {service=shop}: expected firing, found inactive"),
        (
            ("state: firing, severity: critical", "state: firing, severity: warning"),
            "expected severity warning",
        ),
        (("{at: 6m, kind: fired", "{at: 8m, kind: fired"), "at 6m {service=shop}: found fired (critical)"),
        (("kind: resolved", "kind: eased"), "found resolved (critical), expected eased"),
        (
            ("at: 19m, labels: {service: shop}, state: resolved", "at: 90m, state: firing"),
            "the series end before",
        ),
    ],
)
def test_test_that_expects_something_else_fails(change: tuple[str, str], failure: str) -> None:
    """What was found stands beside what was expected."""
    assert change[0] in SOUND
    assert any(failure in problem for problem in failures(SOUND.replace(*change)))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("values: 0.001x5", "values: lots"), "test.yaml:6: .*'lots' is no value"),
        (("labels: {service: shop}\n", "labels: {tenant: a}\n"), "test.yaml:5: the rule is split by service"),
        (("    - labels", "    - signal: llm.tokens\n      labels"), "does not look at llm.tokens"),
        (("- name", "- nam"), "nam"),
    ],
)
def test_wrong_test_is_named_with_its_line(change: tuple[str, str], problem: str) -> None:
    """Nothing runs before all of the file is understood."""
    with pytest.raises(RuleTestInvalid, match=problem):
        run(SOUND.replace(*change, 1))


def test_command_knows_the_rules_of_own_packs(tmp_path: Path) -> None:
    """A test may name a rule of a pack that the settings name, as a server would evaluate it."""
    pack = tmp_path / "shop"
    (pack / "alerts").mkdir(parents=True)
    (pack / "alerts" / "rules.yaml").write_text(
        "- name: shop.errors\n  title: {en: Shop, ko: 상점}\n  window: 1m\n"
        '  when: {threshold: {signal: requests.error_rate, critical: "> 0.5"}}\n'
    )
    test = tmp_path / "test.yaml"
    test.write_text(
        "- name: all fail\n  rule: shop.errors\n  every: 1m\n  series: [{values: 1x2, counts: 100}]\n"
        "  events: [{at: 0s, kind: fired, severity: critical}]\n"
    )
    done = CliRunner().invoke(root, ["alerts", "test", str(test)], env={"PITWALL_PACKS": str(pack)})
    assert (done.exit_code, done.exception) == (0, None), done.output
