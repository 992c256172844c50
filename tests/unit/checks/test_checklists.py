"""Checklists in YAML, their variables, and how a run bears whatever its items do."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pitwall.checks.errors import ChecksInvalid
from pitwall.checks.findings import passed, skipped, wrong
from pitwall.checks.items import ITEM, Item, SecretsItem
from pitwall.checks.kinds import LOOK
from pitwall.checks.pack_files import load_checklists, parse_items
from pitwall.checks.running import run_items
from pitwall.checks.surroundings import Looking
from pitwall.checks.types import Finding, ItemResult, ItemStatus, Report, ReportStatus
from pitwall.checks.variables import VariableMissing, fill
from pitwall.checks.wire import read_report, report_view
from pitwall.cli.main import run
from pitwall.core.errors import Unavailable
from pitwall.kit.i18n import Text
from pitwall.signals.catalogue import core_pack, load_catalogue

CATALOGUE = load_catalogue([core_pack()])
TEXTS = {"title": {"en": "T", "ko": "제목"}, "todo": {"en": "Do", "ko": "조치"}}
WRITTEN = "title: {en: T, ko: T}, todo: {en: T, ko: T}"
SAID = Text("said", "말함")


def _item(name: str = "one", **fields: Any) -> Item:
    return ITEM.validate_python({"name": name, "kind": "secrets", "path": "/", **TEXTS, **fields})


def _looking(**variables: str) -> Looking:
    return Looking(None, None, variables, {})  # type: ignore[arg-type]  # these items look at nothing


def _status(*statuses: ItemStatus) -> ReportStatus:
    items = tuple(ItemResult("i", SAID, Finding(status, SAID), None, 1.0) for status in statuses)
    return Report("r", "daily", datetime(2026, 1, 1, tzinfo=UTC), "me", items).status


def test_core_pack_has_the_four_lists_and_every_kind_can_be_run() -> None:
    """Daily, weekly, deploy and release are there; each item says what to do in both languages."""
    lists = load_checklists([core_pack()], None, CATALOGUE)
    assert [one.name for one in lists] == ["daily", "deploy", "release", "weekly"]
    items = [item for one in lists for item in one.items]
    assert {item.kind for item in items} == set(LOOK)
    assert all(item.todo.en and item.todo.ko for item in items)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {name: a, kind: nope}", "checks.yaml:1: items.0"),
        ("- name: a\n  kind: secrets\n  path: /\n  title: {en: T, ko: T}", "checks.yaml:1: items.0.todo"),
        (
            "- {name: a, kind: signal, signal: rag.hitrate, %s}",
            "rag.hit_rate",
        ),
        (
            "- {name: a, kind: signal, signal: rag.hit_rate, limit: '5', %s}",
            "limit",
        ),
        (
            "- {name: a, kind: signal, signal: rag.hit_rate, over: soon, %s}",
            "over",
        ),
        ("hello", "checks.yaml:1: a checklist is"),
    ],
)
def test_wrong_item_is_refused_with_its_line(text: str, said: str) -> None:
    """A mistake is told before anything is run."""
    with pytest.raises(ChecksInvalid) as refused:
        parse_items(text.replace("%s", WRITTEN), "daily", CATALOGUE)
    assert said in str(refused.value)


def test_file_of_the_user_adds_items_and_lists(tmp_path: Path) -> None:
    """Items go behind those of the pack; a name twice is refused with its line."""
    file = tmp_path / "checks.yaml"
    extra = "{name: %s, kind: secrets, path: /, title: {en: T, ko: T}, todo: {en: D, ko: D}}"
    file.write_text(
        f"- name: daily\n  items: [{extra % 'mine'}]\n- name: night\n  items: [{extra % 'dark'}]\n"
    )
    lists = {one.name: one for one in load_checklists([core_pack()], file, CATALOGUE)}
    assert lists["daily"].items[-1].name == "mine"
    assert len(lists["daily"].items) > 5
    assert [item.name for item in lists["night"].items] == ["dark"]
    file.write_text(f"name: daily\nitems: [{extra % 'errors'}]\n")
    with pytest.raises(ChecksInvalid, match=f"{file}:1: there is an item errors"):
        load_checklists([core_pack()], file, CATALOGUE)


def test_config_check_reads_the_files_of_probes_and_checklists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistake in either is told before a server starts with it; right files are no problem."""
    file = tmp_path / "wrong.yaml"
    file.write_text("- {name: a, kind: nope}\n")
    for name in ("PROBES", "CHECKS"):
        monkeypatch.setenv(f"PITWALL_{name}__FILE", str(file))
    assert run(["config", "check", "--output", "json"]) == 3
    told = capsys.readouterr().out
    assert told.count(f"{file}:1") >= 2
    assert ("probes.file" in told, "checks.file" in told) == (True, True)
    file.write_text("[]\n")
    assert run(["config", "check"]) == 0


def test_variables_are_filled_in_everywhere_but_in_texts_for_people() -> None:
    """A missing one is told by name; what the item fills in itself is left."""
    item = _item(path="{tree}/src", exclude=["{tree}/x"], title={"en": "{tree}", "ko": "{tree}"})
    filled = fill(item, {"tree": "/repo"})
    assert isinstance(filled, SecretsItem)
    assert (filled.path, filled.exclude, filled.title.en) == ("/repo/src", ("/repo/x",), "{tree}")
    with pytest.raises(VariableMissing, match="tree"):
        fill(item, {"tree": ""})
    smoke = ITEM.validate_python({"name": "s", "kind": "smoke", "url": "{url}", **TEXTS})
    assert fill(smoke, {"url": "http://h"}).model_dump()["body"] == {"question": "{question}"}


def test_item_that_crashes_leaves_the_others_going() -> None:
    """An error of whatever kind is the item's own; only what is wrong has something to do."""

    def look(item: Item, _looking: Looking) -> Finding:
        match item.name:
            case "bad":
                raise ZeroDivisionError("by {nothing}")
            case "away":
                raise Unavailable("The store is away.", hint="Wait.")
            case "worse":
                return wrong(item, SAID)
            case "none":
                return skipped(SAID)
            case _:
                return passed(SAID)

    names = ["bad", "good", "away", "worse", "none", "unset"]
    items = [_item(name, path="{gone}" if name == "unset" else "/") for name in names]
    results = run_items(items, _looking(), look_at=look)
    assert [one.name for one in results] == names
    assert [one.finding.status.value for one in results] == [
        "error", "passed", "error", "failed", "skipped", "skipped",
    ]  # fmt: skip
    assert [one.todo is not None for one in results] == [True, False, True, True, False, False]
    assert "ZeroDivisionError" in results[0].finding.detail.ko
    assert "gone" in results[5].finding.detail.en


def test_item_that_hangs_is_an_error_and_holds_no_place() -> None:
    """More hanging items than run at once: each costs its time limit, and the good one is passed."""
    release = threading.Event()

    def look(item: Item, _looking: Looking) -> Finding:
        if item.name != "good":
            release.wait(30)
        return passed(SAID)

    items = [*(_item(f"h{number}", timeout_seconds=0.05) for number in range(20)), _item("good")]
    began = time.monotonic()
    results = run_items(items, _looking(), look_at=look)
    release.set()
    assert time.monotonic() - began < 10
    assert [one.finding.status for one in results] == [ItemStatus.ERROR] * 20 + [ItemStatus.PASSED]


@given(st.lists(st.sampled_from(ItemStatus), max_size=8))
def test_report_is_as_bad_as_its_worst_item_and_nothing_is_passed_silently(found: list[ItemStatus]) -> None:
    """Passed means that something passed and nothing else was wrong."""
    status = _status(*found)
    if ItemStatus.FAILED in found or ItemStatus.ERROR in found:
        assert status is ReportStatus.FAILED
    elif status is ReportStatus.PASSED:
        assert ItemStatus.PASSED in found
        assert set(found) <= {ItemStatus.PASSED, ItemStatus.SKIPPED}
    else:
        assert status is ReportStatus.WARNING
        assert ItemStatus.WARNING in found or ItemStatus.PASSED not in found


def test_written_report_is_the_report() -> None:
    """What the store keeps says the same."""
    item = ItemResult("i", SAID, Finding(ItemStatus.FAILED, SAID, 0.5, "ratio"), SAID, 12.3)
    report = Report("r", "daily", datetime(2026, 1, 1, tzinfo=UTC), "me", (item,), notified=True)
    assert read_report(report_view(report)) == report
