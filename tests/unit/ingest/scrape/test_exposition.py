"""Pages of metrics, as exporters write them and as they should not."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Enum,
    Gauge,
    Histogram,
    Info,
    Summary,
    generate_latest,
)
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from pitwall.ingest.scrape.exposition import Page, PageIncomplete, parse_page

TRACE = "0af7651916cd43dd8448eb211c80319c"


def _plain(text: str) -> Page:
    return parse_page(text, is_openmetrics=False)


def _registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    Counter("calls", "Calls.", ["path"], registry=registry).labels('a"\\\nb').inc(
        3, exemplar={"trace_id": TRACE}
    )
    Gauge("heat", "Heat.", registry=registry).set(-1.5)
    Histogram("wait_seconds", "Wait.", registry=registry).observe(0.3)
    Summary("size", "Size.", registry=registry).observe(4)
    Info("build", "Build.", registry=registry).info({"version": "1"})
    Enum("state", "State.", states=["up", "down"], registry=registry)
    return registry


def _openmetrics() -> str:
    text: bytes = openmetrics.generate_latest(_registry())  # type: ignore[no-untyped-call]
    return text.decode()


def test_plain_page_has_what_the_reference_parser_finds() -> None:
    """Families, samples, labels and values are those of the client library's own parser."""
    text = generate_latest(_registry()).decode()
    expected = {
        (sample.name, tuple(sorted(sample.labels.items())), sample.value)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    page = _plain(text)
    found = {
        (sample.name, sample.labels, sample.value) for family in page.families for sample in family.samples
    }
    assert found == expected
    assert (page.problem, page.dropped) == (None, {})


def test_openmetrics_page_keeps_types_units_and_exemplars() -> None:
    """Samples find their family by the suffixes of its type; an exemplar names its trace."""
    page = parse_page(_openmetrics(), is_openmetrics=True)
    types = {family.name: family.type for family in page.families}
    assert types == {
        "calls": "counter",
        "heat": "gauge",
        "wait_seconds": "histogram",
        "size": "summary",
        "build": "info",
        "state": "stateset",
    }
    calls = page.families[0].samples[0]
    assert (calls.name, dict(calls.labels)) == ("calls_total", {"path": 'a"\\\nb'})
    assert calls.exemplar is not None
    assert dict(calls.exemplar.labels) == {"trace_id": TRACE}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("x 1", 1.0),
        ("x +Inf", math.inf),
        ("x -Inf", -math.inf),
        ("x 1e-3", 0.001),
        ("x{} 2 ", 2.0),
        ("x\t3\r", 3.0),
    ],
)
def test_number_is_read_in_every_spelling(line: str, value: float) -> None:
    """Infinity, exponents, empty braces, tabs and Windows line ends."""
    (family,) = _plain(line).families
    assert family.samples[0].value == value


def test_time_is_in_the_unit_of_the_format() -> None:
    """Milliseconds in the plain format, seconds in OpenMetrics."""
    plain = _plain("x 1 1500").families[0].samples[0]
    modern = parse_page("x 1 1.5\n# EOF\n", is_openmetrics=True).families[0].samples[0]
    assert plain.seconds == modern.seconds == 1.5


@pytest.mark.parametrize(
    "line",
    ["x", "x one", "x{a=b} 1", 'x{a="b} 1', "1x 1", 'x{a="1",a="2"} 1', "x 1 2 3", "<html>", "x 1_000"],
)
def test_wrong_line_is_left_out_and_told(line: str) -> None:
    """The others stay, and the first wrong one is named with its number."""
    page = _plain(f"good 1\n{line}\nfine 2")
    assert [family.name for family in page.families] == ["good", "fine"]
    assert page.dropped == {"malformed": 1}
    assert page.problem is not None
    assert page.problem.startswith("line 2: ")


def test_series_that_is_there_twice_counts_once() -> None:
    """The first one stands, as in Prometheus."""
    page = _plain('x{a="1",b="2"} 1\nx{b="2",a="1"} 5')
    assert [sample.value for sample in page.families[0].samples] == [1.0]
    assert page.dropped == {"duplicate": 1}


def test_empty_label_is_no_label() -> None:
    """An absent label and one without a value are the same series."""
    assert _plain('x{a=""} 1\nx 2').dropped == {"duplicate": 1}


def test_cut_off_page_is_refused() -> None:
    """Half a histogram would be a lie; OpenMetrics says where a page ends."""
    whole = _openmetrics()
    with pytest.raises(PageIncomplete):
        parse_page(whole[: len(whole) // 2], is_openmetrics=True)


@given(st.text(alphabet='x{}"=,\\\n #1aé', max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever a page holds is read or counted."""
    _plain(text)


@pytest.mark.parametrize(
    "line", ['x{a="' + "\\" * 50_000, "x{" + 'a="1",' * 20_000, "x" * 100_000, "#" * 100_000]
)
def test_hostile_line_takes_no_time(line: str) -> None:
    """Nothing grows faster than the line."""
    started = time.monotonic()
    _plain(line)
    assert time.monotonic() - started < 2
