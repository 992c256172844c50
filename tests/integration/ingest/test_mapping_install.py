"""Installing the mapping: once, again, with other rules, and after a kill in the middle."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.mapping.stages import STAGE_TABLES, STAGES
from pitwall.ingest.mapping.views import current_version, install, statements
from pitwall.stores.telemetry.engine import TelemetryEngine

# chDB opens one directory a process, and the views of the shared store must stay as they are.
_SCRIPT = """
import sys
from pathlib import Path
from pitwall.ingest.mapping import masking, views
from pitwall.stores.telemetry.clickhouse import open_embedded
from pitwall.stores.telemetry.migrate import migrate

engine = open_embedded(Path(sys.argv[1]) / "telemetry")
migrate(engine)
assert views.current_version(engine) == 0
versions = [views.install(engine), views.install(engine), views.install(engine, masking=[])]
versions.append(views.install(engine, masking=masking.GROUPS))
engine.command("DROP VIEW map_logs")
versions += [views.install(engine, masking=masking.GROUPS), views.current_version(engine)]
names = [name for (name,) in engine.query("SELECT name FROM system.tables WHERE name LIKE 'map_%'").rows]
engine.close()
print(*versions, "map_logs" in names)
"""


def test_version_goes_up_only_when_the_mapping_changes(tmp_path: Path) -> None:
    """The same mapping keeps its version; other rules, or a view that is gone, make everything anew."""
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert done.stdout.split() == ["1", "1", "2", "3", "4", "4", "True"]


def test_installing_again_is_quick_and_changes_nothing(telemetry_engine: TelemetryEngine) -> None:
    """A start finds the views as they should be and leaves them."""
    before = telemetry_engine.query("SELECT count() FROM mapping_versions").scalar()
    assert install(telemetry_engine) == current_version(telemetry_engine)
    assert telemetry_engine.query("SELECT count() FROM mapping_versions").scalar() == before


def test_spans_carry_the_version_that_mapped_them(telemetry_engine: TelemetryEngine) -> None:
    """The version of the ledger is the one in the views."""
    sql = telemetry_engine.query(
        "SELECT create_table_query FROM system.tables WHERE name = 'map_spans'"
    ).scalar()
    assert f"{current_version(telemetry_engine)} AS mapping_version" in sql


def test_every_stream_has_a_stage() -> None:
    """A stream of the log without a stage table would be kept and never stored."""
    assert set(STAGES) == set(STAGE_TABLES) == set(TelemetryType)
    for stream, stage in STAGES.items():
        assert STAGE_TABLES[stream].startswith(f"CREATE TABLE {stage.table} (")
        assert f"message {stage.message} " in stage.schema


def test_statements_hold_no_data() -> None:
    """What is generated comes from our tables alone: the same twice, and no semicolon that could end it."""
    first, second = (list(statements(mapping_version=1)) for _ in range(2))
    assert first == second
    assert not any(";" in statement for statement in first)
