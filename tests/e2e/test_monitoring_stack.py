"""Pitwall among its neighbours: a real Prometheus scrapes it, a real Alertmanager delivers to it."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import promql_parser as promql
import pytest
import yaml
from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server

from pitwall.alerts.prometheus.importing import import_rules
from pitwall.alerts.prometheus.pack import write_pack
from pitwall.artifacts.files import DASHBOARDS, RULES, artifact_files, write_files
from pitwall.artifacts.packs import load_packs
from pitwall.artifacts.stack import PITWALL
from tests.e2e.monitoring_story import tell_the_rest
from tests.e2e.running import RunningPitwall
from tests.e2e.ui.world import build_world
from tests.support.monitoring import (
    query_prometheus,
    running_alertmanager,
    running_prometheus,
    wait_until,
)
from tests.support.pitwall_process import PitwallServer, free_port

pytestmark = pytest.mark.slow

STEP_SECONDS = 300
RULE_FILE = """
groups:
  - name: exporter
    rules:
      - alert: HostOutOfMemory
        expr: app_memory_free_bytes / app_memory_total_bytes < .10
        labels: {severity: critical}
        annotations: {summary: Host out of memory}
      - alert: QueueGrows
        expr: sum by (queue) (app_queue_length{queue!~"tmp.*"}) > 10
        for: 1s
        labels: {severity: warning}
      - alert: ManyFailures
        expr: rate(app_failures_total[1m]) > 0.5
      - alert: ReadOnly
        expr: app_disk_free_ratio < 0.5 and on (device) app_disk_read_only == 0
      - alert: NobodyThere
        expr: absent(app_nobody)
      - alert: DisksDiffer
        expr: app_disk_free_ratio != 0.2
      - alert: FewDisks
        expr: count(app_disk_free_ratio) < 5
      - alert: LowAverage
        expr: avg(app_disk_free_ratio) < 0.5
      - alert: LeastScaled
        expr: min by (device) (app_disk_free_ratio * 0.8) < 0.2
      - alert: EitherOr
        expr: app_disk_read_only == 1 or app_disk_read_only > 5
      - alert: Unguarded
        expr: app_disk_free_ratio < 0.5 unless on (device) app_disk_read_only == 1
      - alert: Peak
        expr: max_over_time(app_queue_length[2m]) > 50
      - alert: Between
        expr: app_queue_length > 5 < 50
      - alert: SomeQueues
        expr: app_queue_length{queue=~"ma.*|index"}
      - alert: ExporterUp
        expr: up{job="app"} == 1
      - alert: NothingHere
        expr: app_nobody > 0
      - alert: LongOnAverage
        expr: sum(app_queue_length) by (shard) / count(app_queue_length) by (shard) > 10
"""


@dataclass(frozen=True)
class Exporter:
    """An application with metrics of its own."""

    port: int
    failures: Counter
    memory_free: Gauge


def _exporter() -> Exporter:
    registry = CollectorRegistry()
    free = Gauge("app_memory_free_bytes", "Free memory.", registry=registry)
    Gauge("app_memory_total_bytes", "All memory.", registry=registry).set(1000)
    queues = Gauge("app_queue_length", "Waiting.", ["queue", "shard"], registry=registry)
    for queue, shard, length in (("mail", "a", 8), ("mail", "b", 7), ("tmp1", "a", 99), ("index", "a", 3)):
        queues.labels(queue, shard).set(length)
    disks = Gauge("app_disk_free_ratio", "Free.", ["device", "mount"], registry=registry)
    read_only = Gauge("app_disk_read_only", "Read only.", ["device"], registry=registry)
    for device, ratio, is_read_only in (("sda", 0.2, 0), ("sdb", 0.2, 1), ("sdc", 0.9, 0)):
        disks.labels(device, f"/{device}").set(ratio)
        read_only.labels(device).set(is_read_only)
    failures = Counter("app_failures", "Failures.", ["kind"], registry=registry)
    port = free_port()
    start_http_server(port, "127.0.0.1", registry)
    free.set(50)
    failures.labels("timeout")
    return Exporter(port, failures, free)


@dataclass(frozen=True)
class Stack:
    """Where everything is."""

    pitwall: str
    prometheus: str
    alertmanager: str
    files: Path
    exporter: Exporter

    def signal(self, name: str, **asked: str) -> list[dict[str, Any]]:
        answer = httpx.get(
            f"{self.pitwall}/api/v1/signals/query", params={"name": name, **asked}, trust_env=False
        )
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()["rows"]
        return rows

    def alerts(self, rule: str) -> list[dict[str, Any]]:
        answer = httpx.get(f"{self.pitwall}/api/v1/alerts", params={"rule": rule}, trust_env=False)
        assert answer.status_code == 200, answer.text
        alerts: list[dict[str, Any]] = answer.json()["alerts"]
        return alerts

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Ask Prometheus at the next whole five minutes: there a subquery has a step that is not past."""
        if time.time() % STEP_SECONDS < 3:
            time.sleep(3)  # no scrape lies between that moment and now
        at = math.ceil(time.time() / STEP_SECONDS) * STEP_SECONDS
        asked = {"query": expression, "time": str(at)}
        body = httpx.get(f"{self.prometheus}/api/v1/query", params=asked, trust_env=False).json()
        assert body["status"] == "success", (expression, body)
        result: list[dict[str, Any]] = body["data"]["result"]
        return result


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    (folder / "exporter.yml").write_text(RULE_FILE)
    write_pack(import_rules([folder / "exporter.yml"]), folder / "pack")
    exporter = _exporter()
    server = PitwallServer(folder / "data", environ={"PITWALL_PACKS": str(folder / "pack")})
    with server.start():
        build_world(RunningPitwall(server.url, server.url, 0, server.data_dir))
        tell_the_rest(server.url)
        server.wait_until_applied()
        target = {"url": f"http://127.0.0.1:{exporter.port}/metrics", "every_seconds": 1}
        httpx.put(f"{server.url}/api/v1/scrape/targets/app", json=target, trust_env=False).raise_for_status()
        files = _configured(folder, server.url.removeprefix("http://"), exporter)
        with running_alertmanager(folder, files / "alertmanager/alertmanager.yml") as alertmanager:
            _point_at(files, alertmanager)
            with running_prometheus(folder, files / "prometheus/prometheus.yml") as prometheus:
                found = Stack(server.url, prometheus, alertmanager, files, exporter)
                wait_until(lambda: bool(found.query("pitwall_llm_requests")), "Prometheus has scraped")
                yield found


def _configured(folder: Path, pitwall: str, exporter: Exporter) -> Path:
    """The generated files, with this machine's ports and without the waiting of a real house."""
    files = folder / "deploy"
    write_files(files, artifact_files(load_packs()))
    (files / "prometheus/rules/exporter.yml").write_text(RULE_FILE)
    _edit(files / "prometheus/prometheus.yml", {PITWALL: pitwall, "30s": "5s"})
    _edit(files / "prometheus/prometheus.yml", {"rules/pitwall.yml": "rules/*.yml"})
    with (files / "prometheus/prometheus.yml").open("a") as config:
        config.write(f"- job_name: app\n  static_configs:\n  - targets: ['127.0.0.1:{exporter.port}']\n")
    quick = {PITWALL: pitwall, "10s": "0s", "1m": "1s", "4h": "1s"}
    _edit(files / "alertmanager/alertmanager.yml", quick)
    return files


def _point_at(files: Path, alertmanager: str) -> None:
    _edit(files / "prometheus/prometheus.yml", {"127.0.0.1:9093": alertmanager.removeprefix("http://")})


def _edit(path: Path, changes: dict[str, str]) -> None:
    text = path.read_text()
    for old, new in changes.items():
        assert old in text, (path, old)
        text = text.replace(old, new)
    path.write_text(text)


def _dashboard_queries(files: Path) -> list[str]:
    found = []
    for path in sorted((files / DASHBOARDS).glob("*.json")):
        for panel in json.loads(path.read_text())["panels"]:
            found += [target["expr"] for target in panel.get("targets") or ()]
    return [re.sub(r"\$\w+", ".*", expression) for expression in found]


def _selectors(expression: str) -> list[str]:
    """The selectors of an expression: what it reads, whatever it compares that with."""
    found: list[str] = []

    def visit(node: Any) -> bool:
        if isinstance(node, promql.VectorSelector):
            found.append(str(node))
        return True

    promql.walk(promql.parse(expression), pre_visit=visit)
    return found


def test_every_query_of_every_dashboard_returns_data(stack: Stack) -> None:
    """Prometheus evaluates every panel of every dashboard, and each has data from the story."""
    queries = _dashboard_queries(stack.files)
    assert len(queries) > 150
    assert _without_data(stack, queries) == []


def test_every_rule_is_healthy_and_reads_what_is_there(stack: Stack) -> None:
    """Prometheus has evaluated every generated rule without an error, and each selector has data."""
    rules = yaml.safe_load((stack.files / RULES).read_text())["groups"]
    expressions = [rule["expr"] for group in rules for rule in group["rules"]]
    url = f"{stack.prometheus}/api/v1/rules"

    def healths() -> list[str]:
        groups = httpx.get(url, trust_env=False).json()["data"]["groups"]
        return [rule["health"] for group in groups for rule in group["rules"]]

    wait_until(lambda: "unknown" not in healths(), "all rules were evaluated")
    assert set(healths()) == {"ok"}
    read = {selector for expression in expressions for selector in _selectors(expression)}
    assert _without_data(stack, sorted(read)) == []


def _without_data(stack: Stack, queries: list[str]) -> list[str]:
    """The queries that have no data, in none of several scrapes: one may have come too late to count."""
    left = list(queries)
    for _ in range(8):
        left = [query for query in left if not stack.query(query)]
        if not left:
            break
        time.sleep(3)
    return left


@pytest.mark.parametrize(
    ("expression", "signal", "by"),
    [
        ("app_memory_free_bytes / app_memory_total_bytes", "prometheus.host_out_of_memory", "series"),
        ('sum by (queue) (app_queue_length{queue!~"tmp.*"})', "prometheus.queue_grows", "queue"),
    ],
)
def test_imported_rule_looks_at_the_number_prometheus_has(
    stack: Stack, expression: str, signal: str, by: str
) -> None:
    """The same exporter scraped by both: the same values for the same label sets."""
    wait_until(lambda: bool(query_prometheus(stack.prometheus, expression)), "Prometheus has the exporter")
    wait_until(lambda: bool(_present(stack, signal, by)), "Pitwall has the exporter")
    theirs = [float(one["value"][1]) for one in query_prometheus(stack.prometheus, expression)]
    ours = [row["value"] for row in _present(stack, signal, by)]
    assert sorted(ours) == pytest.approx(sorted(theirs))


def _present(stack: Stack, signal: str, by: str) -> list[dict[str, Any]]:
    return [row for row in stack.signal(signal, since="now-5m", by=by) if row["value"] is not None]


def test_rate_of_an_imported_rule_is_close_to_prometheus(stack: Stack) -> None:
    """A counter that grew twelve times: Pitwall counts them, Prometheus extrapolates to about as many."""
    for _ in range(12):
        stack.exporter.failures.labels("timeout").inc()
        time.sleep(1)

    def increase() -> float:
        (ours,) = stack.signal("prometheus.many_failures", since="now-5m", by="series")
        start, end = (datetime.fromisoformat(ours[key]) for key in ("start", "end"))
        return float(ours["value"] * (end - start).total_seconds())

    wait_until(lambda: increase() == pytest.approx(12), "Pitwall has counted them all", 20)
    (theirs,) = query_prometheus(stack.prometheus, "increase(app_failures_total[1m])")
    assert float(theirs["value"][1]) == pytest.approx(12, rel=0.5)


def test_every_imported_rule_fires_as_often_as_in_prometheus(stack: Stack) -> None:
    """Fifteen expressions on one exporter: as many label sets fire here as there, none where none does."""
    expected = {
        "disks_differ": 1,
        "few_disks": 1,
        "low_average": 1,
        "least_scaled": 2,
        "either_or": 1,
        "unguarded": 1,
        "peak": 1,
        "between": 2,
        "some_queues": 3,
        "exporter_up": 1,
        "nothing_here": 0,
        "long_on_average": 1,
        "queue_grows": 1,
        "read_only": 1,
        "nobody_there": 1,
    }
    there = dict.fromkeys(expected, 0)
    wait_until(lambda: there | _firing_there(stack, expected) == expected, "all fire in Prometheus")
    wait_until(lambda: {rule: _firing(stack, rule) for rule in expected} == expected, "all fire in Pitwall")


def _firing_there(stack: Stack, rules: Iterable[str]) -> dict[str, int]:
    names = {_alertname(rule): rule for rule in rules}
    counted = query_prometheus(stack.prometheus, 'count by (alertname) (ALERTS{alertstate="firing"})')
    found = {one["metric"]["alertname"]: int(one["value"][1]) for one in counted}
    return {names[name]: count for name, count in found.items() if name in names}


def _firing(stack: Stack, rule: str) -> int:
    return sum(one["state"] == "firing" for one in stack.alerts(rule))


def _alertname(rule: str) -> str:
    return "".join(word.title() for word in rule.split("_"))


@pytest.mark.parametrize(
    ("rule", "labels"),
    [
        ("host_out_of_memory", [{"service": "app"}]),
        ("queue_grows", [{"queue": "mail"}]),
        ("read_only", [{"device": "sda"}]),
        ("nobody_there", [{}]),
    ],
)
def test_imported_rule_fires_where_prometheus_does(
    stack: Stack, rule: str, labels: list[dict[str, str]]
) -> None:
    """Both evaluate the same rule on the same exporter, and find the same label sets."""
    alertname = _alertname(rule)
    firing = f'ALERTS{{alertname="{alertname}",alertstate="firing"}}'
    wait_until(
        lambda: len(query_prometheus(stack.prometheus, firing)) == len(labels), f"{alertname} fires there"
    )
    wait_until(
        lambda: [one["state"] for one in stack.alerts(rule)] == ["firing"] * len(labels), f"{rule} fires here"
    )
    found = [one["labels"] for one in stack.alerts(rule)]
    assert all(any(part.items() <= one.items() for one in found) for part in labels), found


def test_alertmanager_delivers_each_state_once(stack: Stack) -> None:
    """Firing, reminders every second, then resolved: one alert, two events; Pitwall's own alerts stay out."""
    labels = {"alertname": "DiskFull", "instance": "db-1:9100", "severity": "critical"}
    _tell_alertmanager(stack, labels, ends_at=None)
    _tell_alertmanager(stack, {**labels, "alertname": "OwnAlert", "source": "pitwall"}, ends_at=None)
    rule = "external.disk_full"
    wait_until(lambda: [one["state"] for one in stack.alerts(rule)] == ["firing"], "the alert came")
    (alert,) = stack.alerts(rule)
    assert (alert["severity"], alert["labels"]) == ("critical", labels)
    assert alert["title"]["en"] == "Disk full"
    time.sleep(4)  # reminders
    _tell_alertmanager(stack, labels, ends_at=datetime.now(UTC))
    wait_until(lambda: stack.alerts(rule)[0]["state"] == "resolved", "its end came")
    history = httpx.get(f"{stack.pitwall}/api/v1/alerts/{alert['id']}", trust_env=False).json()["history"]
    assert sorted(one["kind"] for one in history) == ["fired", "resolved"]
    assert stack.alerts("external.own_alert") == []


def _tell_alertmanager(stack: Stack, labels: dict[str, str], *, ends_at: datetime | None) -> None:
    body = {
        "labels": labels,
        "annotations": {"summary": "Disk full"},
        "startsAt": (datetime.now(UTC) - timedelta(minutes=1)).isoformat(),
        "generatorURL": "http://127.0.0.1:9090/graph?g0.expr=disk+%3E+0.9",
        **({"endsAt": ends_at.isoformat()} if ends_at else {}),
    }
    answer = httpx.post(f"{stack.alertmanager}/api/v2/alerts", json=[body], trust_env=False)
    assert answer.status_code == 200, answer.text


def test_alerts_of_prometheus_reach_pitwall_through_alertmanager(stack: Stack) -> None:
    """The whole way: a rule of Prometheus fires, Alertmanager hands it on, Pitwall shows it as foreign."""
    rule = "external.host_out_of_memory"
    wait_until(lambda: [one["state"] for one in stack.alerts(rule)] == ["firing"], "the alert came")
    (alert,) = stack.alerts(rule)
    assert alert["where"] == "app_memory_free_bytes / app_memory_total_bytes < 0.1"
    stack.exporter.memory_free.set(900)
    wait_until(lambda: stack.alerts(rule)[0]["state"] == "resolved", "its end came", 90)


def test_bad_delivery_is_refused_with_the_field(stack: Stack) -> None:
    """A payload that is no delivery is told where it is wrong, and changes nothing."""
    body = {
        "version": "4",
        "alerts": [{"status": "broken", "labels": {}, "startsAt": "2026-01-01T00:00:00Z"}],
    }
    answer = httpx.post(f"{stack.pitwall}/api/v1/alerts/alertmanager", json=body, trust_env=False)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("body.alerts.0.status:")
