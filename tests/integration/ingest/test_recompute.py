"""Stored spans mapped or priced again: raw rows and rollups agree afterwards, whatever happens in between."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.core.errors import Conflict
from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.mapping.views import current_version
from pitwall.ingest.pricing.lookup import install_prices
from pitwall.ingest.recompute.jobs import WrapperMarker
from pitwall.ingest.recompute.service import RecomputeParts, RecomputeService
from pitwall.ingest.recompute.types import Recompute, SliceResult
from pitwall.kit.clock import ManualClock, SystemClock
from pitwall.kit.gate import Gate
from pitwall.stores.state import AuditLog, StateStore
from pitwall.stores.telemetry.engine import Rows, SegmentInsert, TelemetryEngine
from pitwall.stores.telemetry.rebuild import SpanRange, SpanRebuild
from tests.integration.ingest.mapping_rows import Stages, make_request
from tests.support.stores import EmbeddedStore, prepare

HOUR = datetime(2026, 9, 20, 10, tzinfo=UTC)
LONG = "긴 질문 " * 60
DIMENSIONS = "kind, model, error_class, service"
SUMS = "sum(spans), sum(errors), sum(input_tokens), sum(output_tokens), sum(cost_usd), sum(unpriced)"


class Killed(Exception):
    """The process ends here."""


class DyingEngine:
    """An engine whose process is killed after some commands."""

    def __init__(self, engine: TelemetryEngine, commands: int) -> None:
        self._engine = engine
        self._left = commands

    def query(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        settings: Mapping[str, Any] | None = None,
    ) -> Rows:
        return self._engine.query(sql, parameters, settings=settings)

    def command(self, sql: str) -> None:
        if self._left == 0:
            raise Killed
        self._left -= 1
        self._engine.command(sql)

    def insert_rows(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, token: str | None = None
    ) -> None:
        raise NotImplementedError

    def insert_segment(self, segment: SegmentInsert) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


class House:
    """A project with spans of three hours, and what computes them again."""

    def __init__(self, stages: Stages, state: StateStore) -> None:
        self.stages = stages
        self.engine = stages.engine
        self.state = state
        self.writes = Gate()
        self.operator = LOCAL_OPERATOR.on_project(stages.project)
        self.service = self.make_service(self.engine)

    def make_service(self, engine: TelemetryEngine, *, is_cluster: bool = False) -> RecomputeService:
        return RecomputeService(RecomputeParts(engine, self.writes, self.state, SystemClock(), is_cluster))

    def add(self, hour: datetime, count: int = 6, *, first: int = 1) -> None:
        """Store requests of a chat call and a retrieval each."""
        spans = []
        for number in range(first, first + count):
            start = int((hour + timedelta(seconds=number)).timestamp() * 1e9)
            place = {"trace_id": number.to_bytes(16), "start": start, "end": start + 10**9}
            chat = {
                "gen_ai.operation.name": "chat",
                "gen_ai.provider.name": "ollama",
                "gen_ai.request.model": "own-model",
                "gen_ai.usage.input_tokens": 1000,
                "gen_ai.usage.output_tokens": 10,
                "gen_ai.input.messages": f"{LONG}{number}",
            }
            spans.append({**place, "span_id": b"\x01" * 8, "attributes": chat})
            search = {"openinference.span.kind": "RETRIEVER"}
            spans.append({**place, "span_id": b"\x02" * 8, "attributes": search, "code": 2})
        self.stages.insert(TelemetryType.TRACES, make_request(*spans).SerializeToString())

    def add_proxied(self, hour: datetime, count: int = 3, *, seconds: int = 0) -> None:
        """Store calls that application and proxy report, each in requests of its own, inner spans first."""
        call = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.usage.input_tokens": 1000,
            "gen_ai.usage.output_tokens": 100,
        }
        start = int((hour + timedelta(seconds=seconds)).timestamp() * 1e9)
        for position, own, parent in ((8, b"\x02" * 8, b"\x01" * 8), (9, b"\x01" * 8, b"")):
            spans = [
                {
                    "trace_id": (9000 + number).to_bytes(16),
                    "span_id": own,
                    "parent": parent,
                    "start": start,
                    "end": start + 10**9,
                    "attributes": call,
                }
                for number in range(count)
            ]
            body = make_request(*spans).SerializeToString()
            self.stages.insert(TelemetryType.TRACES, body, position=position)

    def spoil(self) -> None:
        """Make the spans look as an older mapping might have left them, rollups with them."""
        columns = self.engine.query(
            "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = 'spans'"
        ).rows
        rebuild = SpanRebuild(self.engine)
        rebuild.begin()
        wrong = {"kind": "'other'", "model": "'?'", "mapping_version": "0", "input_tokens": "toUInt32(1)"}
        selected = ", ".join(f"{wrong[n]} AS {n}" if n in wrong else n for (n,) in columns)
        rebuild.add(f"SELECT {selected} FROM spans WHERE project = '{self.stages.project}'")
        rebuild.swap()

    def run(self, what: Recompute, *, is_dry_run: bool = False) -> list[SliceResult]:
        return [
            self.service.run(what, part.since, part.until, by=self.operator, is_dry_run=is_dry_run)
            for part in self.service.plan(self.stages.project, None, None)
        ]

    def one(self, table: str, columns: str) -> tuple[Any, ...]:
        condition = f"project = '{self.stages.project}'"
        return self.engine.query(f"SELECT {columns} FROM {table} WHERE {condition}").rows[0]

    def assert_rollups_equal_raw_rows(self) -> None:
        raw = (
            f"SELECT {DIMENSIONS}, count() AS spans, countIf(status = 'error') AS errors, "
            "sumIf(s.input_tokens, NOT is_usage_rollup) AS input_tokens, "
            "sumIf(s.output_tokens, NOT is_usage_rollup) AS output_tokens, "
            "sum(ifNull(s.cost_usd, 0)) AS cost_usd, countIf(cost_source = 'unpriced') AS unpriced "
            "FROM spans AS s WHERE project = {p:String} GROUP BY ALL ORDER BY ALL"
        )
        expected = self.engine.query(raw, {"p": self.stages.project}).rows
        for table in ("spans_by_minute", "spans_by_hour"):
            rollup = (
                f"SELECT {DIMENSIONS}, {SUMS} FROM {table} WHERE project = {{p:String}} "
                f"GROUP BY {DIMENSIONS} ORDER BY ALL"
            )
            assert self.engine.query(rollup, {"p": self.stages.project}).rows == expected


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TelemetryEngine]:
    """A store of these tests alone: a deletion goes through all parts of its table, whoever's they are."""
    store = EmbeddedStore(tmp_path_factory.mktemp("recompute"))
    yield prepare(store.open("x"))
    store.close()


@pytest.fixture
def house(engine: TelemetryEngine, tmp_path: Path, project: str) -> Iterator[House]:
    stages = Stages(engine, tmp_path, project)
    state = StateStore.in_directory(tmp_path).open()
    house = House(stages, state)
    for number in range(3):
        house.add(HOUR + timedelta(hours=number), first=1 + 100 * number)
    yield house
    SpanRebuild(stages.engine).recover()
    install_prices(stages.engine)
    state.close()


@pytest.fixture
def price_file(tmp_path: Path) -> Path:
    path = tmp_path / "prices.yaml"
    path.write_text("prices:\n  - model: own-model\n    input_usd_per_mtok: 2\n    output_usd_per_mtok: 10\n")
    return path


def test_recost_prices_what_had_no_price(house: House, price_file: Path) -> None:
    """After a price was added, the stored calls cost what new ones do, in rows and rollups."""
    assert house.one("spans", "sum(cost_usd), countIf(cost_source = 'unpriced')") == (None, 18)
    install_prices(house.engine, user_file=price_file)
    results = house.run(Recompute.RECOST)
    assert sum(result.changed for result in results) == 18
    assert sum(result.cost_after_usd or 0 for result in results) == Decimal("0.0378")
    assert [result.cost_before_usd for result in results] == [None]
    assert house.one("spans", "sum(cost_usd), countIf(cost_source = 'unpriced')") == (Decimal("0.0378"), 0)
    house.assert_rollups_equal_raw_rows()


def test_recost_again_has_nothing_to_do(house: House, price_file: Path) -> None:
    """A range that is done is gone over without a change, so an interrupted command may be repeated."""
    install_prices(house.engine, user_file=price_file)
    house.run(Recompute.RECOST)
    assert [result.changed for result in house.run(Recompute.RECOST)] == [0]


def test_dry_run_tells_the_change_and_makes_none(house: House, price_file: Path) -> None:
    """Count and cost are those of the real run; rows, rollups and audit log stay."""
    install_prices(house.engine, user_file=price_file)
    [result] = house.run(Recompute.RECOST, is_dry_run=True)
    assert (result.changed, result.cost_after_usd) == (18, Decimal("0.0378"))
    assert house.one("spans", "sum(cost_usd)") == (None,)
    with house.state.session(read_only=True) as connection:
        assert AuditLog(connection).list() == []


def test_remap_makes_old_rows_what_new_ones_are(house: House) -> None:
    """Columns and texts are those of the mapping in force, and rollups are by the new dimensions."""
    columns = "* EXCEPT (received_at)"
    order = f"project = '{house.stages.project}' ORDER BY trace_id, span_id"
    before = house.engine.query(f"SELECT {columns} FROM spans WHERE {order}").dicts()
    house.spoil()
    assert house.one("spans", "countIf(kind = 'llm'), uniqExact(model)") == (0, 1)
    results = house.run(Recompute.REMAP)
    assert sum(result.changed for result in results) == 36, results
    after = house.engine.query(f"SELECT {columns} FROM spans WHERE {order}").dicts()
    assert after == before
    assert {row["mapping_version"] for row in after} == {current_version(house.engine)}
    house.assert_rollups_equal_raw_rows()
    assert [result.changed for result in house.run(Recompute.REMAP)] == [0]


def test_change_is_in_the_audit_log(house: House, price_file: Path) -> None:
    """Who, what, which hours, how many spans, and the versions in force."""
    install_prices(house.engine, user_file=price_file)
    house.run(Recompute.RECOST)
    with house.state.session(read_only=True) as connection:
        [entry] = AuditLog(connection).list()
    assert (entry.action, entry.actor) == ("telemetry.recost", LOCAL_OPERATOR.actor)
    assert entry.object == "2026-09-20T10:00:00Z/2026-09-20T13:00:00Z"
    assert entry.details["changed"] == 18
    assert "prices.yaml@" in entry.details["price_version"]


@pytest.mark.slow
@pytest.mark.timeout(
    900
)  # some thirty runs, each with deletions that wait for the engine's background threads
def test_killed_anywhere_ends_as_if_it_had_not_been(house: House, price_file: Path) -> None:
    """After each command of a run in turn: what was decided is finished, the rest done by a second run."""
    until = HOUR + timedelta(hours=3)
    for cut in itertools.count():
        has_price = cut % 2 == 0
        install_prices(house.engine, user_file=price_file if has_price else None)
        dying = house.make_service(DyingEngine(house.engine, cut))
        try:
            dying.run(Recompute.RECOST, HOUR, until, by=house.operator, is_dry_run=False)
        except Killed:
            SpanRebuild(house.engine).recover()  # what a server does when it starts
        else:
            assert cut > 10  # as many commands were cut
            return
        assert house.one("spans", "count(), uniqExact(trace_id, span_id)") == (36, 36)
        house.assert_rollups_equal_raw_rows()
        house.run(Recompute.RECOST)
        assert house.one("spans", "countIf(cost_source = 'unpriced')") == (0 if has_price else 18,)
        house.assert_rollups_equal_raw_rows()


def test_spans_that_arrive_meanwhile_are_kept(house: House, price_file: Path) -> None:
    """Between collecting and swapping, more spans of the same hour come in; they count once."""
    install_prices(house.engine, user_file=price_file)
    wanted = SpanRange(house.stages.project, HOUR, HOUR + timedelta(hours=3))
    rebuild = SpanRebuild(house.engine)
    rebuild.begin()
    rebuild.add(f"SELECT * REPLACE (7 AS cost_usd) FROM spans WHERE {wanted.condition()} AND kind = 'llm'")
    house.add(HOUR, first=500)
    rebuild.swap()
    assert house.one("spans", "count(), countIf(cost_usd = 7)") == (48, 18)
    house.assert_rollups_equal_raw_rows()


def test_hours_that_lost_rows_keep_their_rollups(house: House, price_file: Path) -> None:
    """Where retention has taken raw rows, rollups know more than the rows, so they are left alone."""
    gone = f"project = '{house.stages.project}' AND started_at < toDateTime('2026-09-20 10:00:04', 'UTC')"
    house.engine.command(f"DELETE FROM spans WHERE {gone}")
    install_prices(house.engine, user_file=price_file)
    [result] = house.run(Recompute.RECOST)
    assert (result.spans, result.changed, result.kept_without_rows) == (30, 12, 6)
    assert house.one("spans_by_hour", "sum(spans)") == (36,)


def test_spans_whose_texts_are_gone_stay_as_they_are(house: House) -> None:
    """Without its long values a span would lose what the mapping reads in them."""
    house.spoil()
    house.engine.command(
        f"DELETE FROM payloads WHERE project = '{house.stages.project}'"
        " AND started_at < '2026-09-20 11:00:00'"
    )
    [result] = house.run(Recompute.REMAP)
    assert (result.changed, result.kept_without_text) == (30, 6)
    assert house.one("spans", "countIf(mapping_version = 0), countIf(input_preview = '')") == (6, 18)
    house.assert_rollups_equal_raw_rows()


def test_cluster_and_second_command_are_refused(house: House) -> None:
    """Clear conflicts, before anything is done."""
    until = HOUR + timedelta(hours=3)
    clustered = house.make_service(house.engine, is_cluster=True)
    with pytest.raises(Conflict, match="cluster"):
        clustered.run(Recompute.RECOST, HOUR, until, by=house.operator, is_dry_run=False)
    with house.service._busy, pytest.raises(Conflict, match="another command"):
        house.service.run(Recompute.RECOST, HOUR, until, by=house.operator, is_dry_run=False)


def _proxied(house: House) -> tuple[Any, ...]:
    """Calls through the proxy: spans, tokens that count, cost."""
    columns = (
        "countIf(model = 'gpt-4o'), sumIf(input_tokens, model = 'gpt-4o' AND NOT is_usage_rollup), "
        "sumIf(cost_usd, model = 'gpt-4o')"
    )
    return house.one("spans", columns)


def test_usage_reported_again_by_a_proxy_counts_once(house: House) -> None:
    """The outer span of each call is marked though it came in another request; rows and rollups agree."""
    house.add_proxied(HOUR)
    assert _proxied(house) == (6, 6000, Decimal("0.021"))
    results = house.run(Recompute.UNWRAP)
    assert [(result.changed, result.kept_without_rows) for result in results] == [(3, 0)]
    assert (results[0].cost_before_usd, results[0].cost_after_usd) == (Decimal("0.0105"), None)
    assert _proxied(house) == (6, 3000, Decimal("0.0105"))
    house.assert_rollups_equal_raw_rows()
    assert [result.changed for result in house.run(Recompute.UNWRAP)] == [0]


def test_call_that_crosses_the_hour_is_found(house: House) -> None:
    """A wrapper is marked by a call inside it that began in the next hour, of another slice."""
    house.add_proxied(HOUR, 1, seconds=3_599)
    house.engine.command(
        "ALTER TABLE spans UPDATE duration_ms = 5000 WHERE model = 'gpt-4o' SETTINGS mutations_sync = 1"
    )
    result = house.service.run(
        Recompute.UNWRAP, HOUR, HOUR + timedelta(hours=1), by=house.operator, is_dry_run=False
    )
    assert result.changed == 1


def test_calls_side_by_side_are_left_alone(house: House) -> None:
    """A dry run finds nothing where no span repeats another."""
    assert [result.changed for result in house.run(Recompute.UNWRAP, is_dry_run=True)] == [0]


def test_server_marks_recent_wrappers_by_itself(house: House) -> None:
    """The background job looks at the last two hours of each project, and has nothing to do afterwards."""
    house.add_proxied(HOUR + timedelta(hours=2))
    clock = ManualClock(HOUR + timedelta(hours=3))
    job = WrapperMarker(house.service, lambda: [house.stages.project], clock)
    assert job.mark() == 3
    assert _proxied(house) == (6, 3000, Decimal("0.0105"))
    house.assert_rollups_equal_raw_rows()
    with house.state.session(read_only=True) as connection:
        assert [(entry.actor, entry.action) for entry in AuditLog(connection).list()] == [
            ("pitwall", "telemetry.unwrap")
        ]
    assert job.mark() == 0


def test_full_hour_that_is_not_over_waits(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ingest does not wait for the rollups of a large hour again and again: it is put right once."""
    monkeypatch.setattr("pitwall.ingest.recompute.jobs._SPANS_AT_ONCE", 5)
    house.add_proxied(HOUR + timedelta(hours=2))
    early, late = (ManualClock(HOUR + timedelta(minutes=minutes)) for minutes in (150, 180))
    projects = [house.stages.project]
    assert WrapperMarker(house.service, lambda: projects, early).mark() == 0
    assert WrapperMarker(house.service, lambda: projects, late).mark() == 3
