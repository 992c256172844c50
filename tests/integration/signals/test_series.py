"""Signals of points split by labels of their own, and conditions with regular expressions."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from pitwall.kit.clock import ManualClock
from pitwall.signals.catalogue import core_pack, load_catalogue
from pitwall.signals.errors import CatalogueInvalid
from pitwall.signals.service import Signals
from pitwall.signals.types import SignalQuery
from pitwall.signals.watermark import Watermark
from pitwall.stores.telemetry.engine import TelemetryEngine
from tests.integration.signals.telemetry import NOON, Row, insert_points, make_point

PACK = """
- name: disk.free_ratio
  title: {en: Free, ko: 여유}
  description: {en: Free share., ko: 여유 비율입니다.}
  over: points where name in ('free', 'size')
  value: last(value where name = 'free') / last(value where name = 'size')
  by: [service, instance, device, series]
  labels: {instance: "resource_attributes['service.instance.id']", device: "attributes['device']"}
  unit: ratio
- name: disk.real_count
  title: {en: Disks, ko: 디스크}
  description: {en: Disks that are no tmpfs., ko: tmpfs가 아닌 디스크입니다.}
  over: points where name = 'free' and attributes['fstype'] !~ 'tmpfs|fuse.*'
  value: distinct(series)
  unit: points
"""


@pytest.fixture
def signals(telemetry_engine: TelemetryEngine, clock: ManualClock, tmp_path: Path) -> Signals:
    (tmp_path / "signals").mkdir()
    (tmp_path / "signals" / "disk.yaml").write_text(PACK, encoding="utf-8")
    catalogue = load_catalogue([core_pack(), tmp_path])
    return Signals(telemetry_engine, catalogue, Watermark(clock, lambda: 0.0))


def _disk(name: str, value: float, device: str, fstype: str = "ext4", instance: str = "a:9100") -> Row:
    return make_point(
        name,
        value,
        attributes={"device": device, "fstype": fstype},
        resource_attributes={"service.instance.id": instance},
    )


def _labelled(signals: Signals, project: str, *by: str) -> dict[tuple[str, ...], float | None]:
    query = SignalQuery("disk.free_ratio", project, NOON, NOON + timedelta(minutes=5), by=by)
    return {tuple(row.labels.values()): row.value for row in signals.query(query).rows}


@pytest.fixture
def disks(telemetry_engine: TelemetryEngine, project: str) -> str:
    points = [_disk("free", 20, "sda"), _disk("size", 100, "sda"), _disk("free", 5, "tmp", "tmpfs")]
    points += [
        _disk("size", 10, "tmp", "tmpfs"),
        _disk("free", 9, "fuse", "fuse.sshfs"),
        _disk("free", 1, "sdb"),
    ]
    points += [_disk("free", 50, "sda", instance="b:9100"), _disk("size", 100, "sda", instance="b:9100")]
    insert_points(telemetry_engine, project, points)
    return project


def test_labels_read_keys_of_maps(signals: Signals, disks: str) -> None:
    """Each device of each instance has its own number; without a size it has none."""
    assert _labelled(signals, disks, "instance", "device") == {
        ("a:9100", "sda"): 0.2,
        ("a:9100", "sdb"): None,
        ("a:9100", "fuse"): None,
        ("a:9100", "tmp"): 0.5,
        ("b:9100", "sda"): 0.5,
    }


def test_series_are_told_apart_by_everything(signals: Signals, disks: str) -> None:
    """`series` is all labels of a point in the order of their names, as Prometheus writes them."""
    found = _labelled(signals, disks, "series")
    assert len(found) == 5
    texts = [labels[0] for labels in found]
    assert any(text.startswith('device="sda", fstype="ext4", instance="a:9100", job=') for text in texts)


def test_regular_expression_is_of_the_whole_text(signals: Signals, disks: str) -> None:
    """`tmpfs|fuse.*` is tmpfs and everything that begins with fuse; three series are left."""
    query = SignalQuery("disk.real_count", disks, NOON, NOON + timedelta(minutes=5))
    assert [row.value for row in signals.query(query).rows] == [3.0]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("attributes['device']", "name", "is no key of a map"),
        ("device: ", "environment: ", "has the name of a column"),
        ("device, series", "series", "Label device is not in `by`"),
        ("'tmpfs|fuse.*'", "'(tmpfs'", "is no regular expression"),
        ("'tmpfs|fuse.*'", "'(?!tmpfs)'", "looks around"),
        ("attributes['fstype'] !~", "value !~", "is for texts"),
    ],
)
def test_wrong_label_or_expression_is_told(tmp_path: Path, old: str, new: str, problem: str) -> None:
    """A pack that cannot be meant does not load, and says where."""
    (tmp_path / "signals").mkdir()
    assert old in PACK
    (tmp_path / "signals" / "disk.yaml").write_text(PACK.replace(old, new), encoding="utf-8")
    with pytest.raises(CatalogueInvalid, match=problem):
        load_catalogue([tmp_path])
