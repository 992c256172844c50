"""Rules of a Prometheus: imported with their meaning, or refused with a reason that is true."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import promql_parser as promql
import pytest
import yaml
from click.testing import CliRunner

from pitwall.alerts.prometheus.commands import import_
from pitwall.alerts.prometheus.importing import import_rules
from pitwall.alerts.prometheus.pack import RULES, SIGNALS, write_pack
from pitwall.alerts.prometheus.translation import Translation, translate
from pitwall.alerts.prometheus.types import Imported, Reason, Refused
from tests.support.data_sets import shared_data

WHOLE = ("service", "instance", "series")


def _translate(expression: str) -> Translation:
    return translate(promql.parse(expression), name="x", level="warning")


def _value(expression: str) -> str:
    (signal,) = _translate(expression).signals.values()
    return str(signal["value"])


def _file(tmp_path: Path, *rules: dict[str, Any]) -> Path:
    path = tmp_path / "rules.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "g", "rules": list(rules)}]}, sort_keys=False))
    return path


def _import(tmp_path: Path, **rule: Any) -> Imported:
    return import_rules([_file(tmp_path, {"alert": "HostDown", "expr": "up == 0", **rule})])


@pytest.mark.parametrize(
    ("expression", "value", "window", "limit"),
    [
        ("x > 5", "last(value where name = 'x')", "5m", "> 5"),
        ("5 < x", "last(value where name = 'x')", "5m", "> 5"),
        ("-x < 5", "(last(value where name = 'x') * -1.0)", "5m", "< 5"),
        ("x < 60 * 60 * 48", "last(value where name = 'x')", "5m", "< 172800"),
        ("increase(x_total[1m]) > 3", "increase(value where name = 'x_total')", "1m", "> 3"),
        ("rate(x_total[5m]) > 0.05", "increase(value where name = 'x_total')", "5m", "> 0.05"),
        ("max_over_time(x[1h]) >= 1", "max(value where name = 'x')", "1h", ">= 1"),
        ("count_over_time(x[1h]) < 3", "count(name = 'x')", "1h", "< 3"),
        ("quantile_over_time(0.9, x[1h]) > 1", "quantile(0.9, value where name = 'x')", "1h", "> 1"),
        ("sum by (a) (x) > 1", "last(value, sum where name = 'x')", "5m", "> 1"),
        ("avg(x) > 1", "last(value, mean where name = 'x')", "5m", "> 1"),
        ("count(x) > 1", "distinct(series where name = 'x')", "5m", "> 1"),
        ("min by (a) (x * 0.8) > 1", "(last(value, min where name = 'x') * 0.8)", "5m", "> 1"),
        (
            "sum(rate(a_total[5m])) / sum(rate(b_total[5m])) > 0.1",
            "(increase(value where name = 'a_total') / increase(value where name = 'b_total'))",
            "5m",
            "> 0.1",
        ),
        (
            "rate(a_total[5m]) / b > 0.8",
            "((increase(value where name = 'a_total') / last(value where name = 'b')) / 300.0)",
            "5m",
            "> 0.8",
        ),
        ("a > b", "(last(value where name = 'a') - last(value where name = 'b'))", "5m", "> 0"),
    ],
)
def test_comparison_becomes_a_threshold(expression: str, value: str, window: str, limit: str) -> None:
    """The same number of the same points over the same time, and the same limit."""
    found = _translate(expression)
    (signal,) = found.signals.values()
    assert signal["value"] == value
    assert found.when == {"threshold": {"signal": "prometheus.x", "window": window, "warning": limit}}


def test_rate_is_given_per_second() -> None:
    """The signal's own value is per second, whatever window it is asked over."""
    (signal,) = _translate("rate(x_total[5m]) > 0.05").signals.values()
    assert (signal["per"], signal["unit"]) == ("1s", "points/s")


@pytest.mark.parametrize(
    ("selector", "condition"),
    [
        ('x{job="a"}', "name = 'x' and service = 'a'"),
        ('x{instance!="h:1"}', "name = 'x' and resource_attributes['service.instance.id'] != 'h:1'"),
        ('x{fstype!~"tmpfs|nfs.*"}', "name = 'x' and attributes['fstype'] !~ 'tmpfs|nfs.*'"),
        ('x{a="it\'s"}', "name = 'x' and attributes['a'] = 'it''s'"),
    ],
)
def test_matcher_becomes_a_condition(selector: str, condition: str) -> None:
    """Labels are attributes of the points; job and instance are the service and its process."""
    assert _value(f"{selector} > 0") == f"last(value where {condition})"


def test_series_stay_apart_unless_something_puts_them_together() -> None:
    """Without an aggregation every series is an alert of its own; `by` names what splits the others."""
    assert _translate("x > 0").by == WHOLE
    summed = _translate("sum by (namespace, job, type) (x) > 0")
    assert summed.by == ("namespace", "service", "type_label")
    (signal,) = summed.signals.values()
    assert signal["labels"] == {
        "namespace": "attributes['namespace']",
        "type_label": "attributes['type']",
    }
    assert _translate("sum(x) > 0").by == ()


@pytest.mark.parametrize(
    ("expression", "limits"),
    [
        ("x == 1", {"all": [">= 1", "<= 1"]}),
        ("x != 1", {"any": ["> 1", "< 1"]}),
        ("x", {"any": ["> 0", "<= 0"]}),
    ],
)
def test_equality_is_two_limits(expression: str, limits: dict[str, list[str]]) -> None:
    """Equal is neither above nor below; no comparison at all holds for every value."""
    ((how, expected),) = limits.items()
    found = _translate(expression).when[how]
    assert [part["threshold"]["warning"] for part in found] == expected


def test_chain_of_comparisons_needs_them_all() -> None:
    """`a != b > 0` lets through what differs, and of that what `a` is above 0 of."""
    found = _translate("a != b > 0")
    assert [next(iter(part)) for part in found.when["all"]] == ["any", "threshold"]
    values = [signal["value"] for signal in found.signals.values()]
    assert values[1] == "last(value where name = 'a')"


def test_set_operators_join_conditions() -> None:
    """`and`, `or` and `unless` are `all`, `any` and `unless` of conditions on the same label sets."""
    both = _translate("a > 1 and b > 2 and c > 3")
    assert len(both.when["all"]) == 3
    assert len(_translate("a > 1 or b > 2").when["any"]) == 2
    guarded = _translate("a > 1 unless b > 2").when
    assert guarded["unless"]["threshold"]["warning"] == "> 2"
    assert len(guarded["all"]) == 1


def test_shared_labels_split_both_sides() -> None:
    """`and on(device)` asks whether any series of the right side with that device passes."""
    found = _translate("a > 1 and on(device) b > 2")
    assert found.by == (*WHOLE, "device")
    left, right = found.when["all"]
    assert "by" not in left["threshold"]
    assert right["threshold"]["by"] == ["device"]
    signals = found.signals
    assert signals[right["threshold"]["signal"]]["value"] == "last(value, max where name = 'b')"
    assert signals[left["threshold"]["signal"]]["by"] == [*WHOLE, "device"]


def test_absence_is_a_condition_of_its_own() -> None:
    """`absent(x)` fires when no point has come for as long as Prometheus would look back."""
    found = _translate('absent(up{job="api"})')
    assert found.when == {"absent": {"signal": "prometheus.x", "window": "5m"}}
    assert found.by == ()


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m]))) > 1", Reason.HISTOGRAM),
        ("rate(x_count[5m]) > 1", Reason.HISTOGRAM),
        ("time() - x > 60", Reason.TIME),
        ("x > x offset 5m", Reason.OFFSET),
        ("x @ 100 > 1", Reason.OFFSET),
        ("max_over_time(x[1h:5m]) > 1", Reason.SUBQUERY),
        ("delta(x[5m]) > 1", Reason.FUNCTION),
        ("clamp_max(x, 3) > 1", Reason.FUNCTION),
        ("x % 2 > 1", Reason.FUNCTION),
        ("sum without (cpu) (x) > 1", Reason.WITHOUT),
        ("topk(3, x) > 1", Reason.AGGREGATION),
        ("max by (a) (rate(x_total[5m])) > 1", Reason.AGGREGATION),
        ("count(x == 1) > 1", Reason.AGGREGATION),
        ("a / ignoring(b) c > 1", Reason.MATCHING),
        ("a * on(b) group_left(c) d > 1", Reason.MATCHING),
        ("sum by (a) (x) > y", Reason.MATCHING),
        ('{__name__=~"node_.*"} > 1', Reason.METRIC_NAME),
        ("rate(x_total[1h]) / rate(x_total[1d]) > 2", Reason.WINDOWS),
        ("rate(x_total[30s]) > 1", Reason.WINDOWS),
        ("x > bool 1", Reason.BOOL),
        ("1 > bool 2", Reason.BOOL),
    ],
)
def test_what_cannot_be_kept_is_refused(expression: str, reason: Reason) -> None:
    """Each with the reason that is true of it."""
    with pytest.raises(Refused) as refused:
        _translate(expression)
    assert refused.value.reason is reason


def test_zero_denominator_is_told_unless_it_cannot_matter() -> None:
    """`> limit` fires for infinity in Prometheus; `< limit` does not, and neither does no value."""
    assert any("denominator" in note for note in _translate("a / b * 100 > 90").notes)
    assert not _translate("a / b < 0.1").notes


def test_everything_about_a_rule_is_kept(tmp_path: Path) -> None:
    """`for`, `keep_firing_for`, labels, severity and annotations have their places."""
    imported = _import(
        tmp_path,
        **{
            "for": "1h30m",
            "keep_firing_for": "10m",
            "labels": {"severity": "page", "team": "infra"},
            "annotations": {
                "summary": "Host down",
                "description": "It does\nnot answer.",
                "runbook_url": "https://runbooks.example/down",
                "dashboard": "hosts",
            },
        },
    )
    (rule,) = imported.rules
    assert (rule["name"], rule["for"], rule["keep_firing_for"]) == ("host_down", "1h30m", "10m")
    assert rule["labels"] == {"severity": "page", "team": "infra"}
    assert [part["threshold"]["critical"] for part in rule["when"]["all"]] == [">= 0", "<= 0"]
    assert rule["title"] == {"en": "Host down", "ko": "Host down"}
    assert rule["description"]["en"] == "It does not answer. · dashboard: hosts"
    assert rule["runbook"] == "https://runbooks.example/down"
    assert (rule["nodata"], rule["nodata_for"]) == ("ok", "0s")
    (outcome,) = imported.outcomes
    assert any("'page' is critical here" in note for note in outcome.notes)


def test_alert_is_over_at_once_as_in_prometheus(tmp_path: Path) -> None:
    """Without `keep_firing_for` nothing holds an alert whose condition is gone."""
    (rule,) = _import(tmp_path).rules
    assert rule["recover_for"] == "0s"


def test_wrong_files_and_rules_are_named_with_their_lines(tmp_path: Path) -> None:
    """A broken rule leaves the others going."""
    path = _file(
        tmp_path,
        {"alert": "A", "expr": "sum(x"},
        {"record": "a:b", "expr": "x"},
        {"alert": "B", "expr": "x > 1", "for": "soon"},
        {"alert": "C"},
        {"alert": "D", "expr": "x > 1"},
    )
    broken = tmp_path / "broken.yml"
    broken.write_text("groups: [")
    outcomes = import_rules([path, broken]).outcomes
    assert [outcome.reason for outcome in outcomes] == [
        Reason.NOT_PROMQL,
        Reason.RECORDING_RULE,
        Reason.DURATION,
        Reason.NOT_A_RULE,
        None,
        Reason.NOT_A_RULE,
    ]
    assert outcomes[0].place == f"{path}:4"
    assert outcomes[-1].place.startswith(f"{broken}:")


def test_rules_of_one_name_become_two(tmp_path: Path) -> None:
    """Prometheus allows an alert twice, as for two severities; here every rule has its name."""
    rules = [{"alert": "Slow", "expr": f"x > {limit}"} for limit in (1, 2)]
    assert [rule["name"] for rule in import_rules([_file(tmp_path, *rules)]).rules] == ["slow", "slow_2"]


def test_command_writes_a_pack_that_loads(tmp_path: Path) -> None:
    """What it writes is read back as the server would; the summary counts by reason."""
    path = _file(tmp_path, {"alert": "A", "expr": "x > 1"}, {"alert": "B", "expr": "delta(x[5m]) > 1"})
    done = CliRunner().invoke(import_, [str(path), "--into", str(tmp_path / "pack")], env={"LANG": "C"})
    assert done.exit_code == 0, done.output
    assert "1 of 2 rules imported." in done.stderr
    assert "function 1" in done.stderr
    assert len(yaml.safe_load((tmp_path / "pack" / RULES).read_text())) == 1
    assert len(yaml.safe_load((tmp_path / "pack" / SIGNALS).read_text())) == 1


def test_dry_run_writes_nothing(tmp_path: Path) -> None:
    """Without a directory it only tells."""
    path = _file(tmp_path, {"alert": "A", "expr": "x > 1"})
    done = CliRunner().invoke(import_, [str(path), "--output", "json"])
    assert done.exit_code == 0, done.output
    assert list(tmp_path.iterdir()) == [path]


def test_public_rules_are_imported_or_refused_with_a_reason(tmp_path: Path) -> None:
    """126 alerts of eight exporters: the figures of the guide."""
    folder = shared_data() / "alerts_runbooks" / "awesome_prometheus_alerts"
    files = sorted(folder.rglob("*.yml")) or pytest.skip("the public rules are not on this machine")
    imported = import_rules(files)
    write_pack(imported, tmp_path)
    reasons = Counter(outcome.reason for outcome in imported.refused)
    assert len(imported.outcomes) == 126
    assert all(outcome.detail for outcome in imported.refused)
    assert reasons == {
        Reason.FUNCTION: 10,
        Reason.MATCHING: 8,
        Reason.WITHOUT: 7,
        Reason.HISTOGRAM: 7,
        Reason.TIME: 5,
        Reason.AGGREGATION: 1,
        Reason.METRIC_NAME: 1,
    }
    assert len(imported.rules) == 87
