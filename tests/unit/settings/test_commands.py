"""`pitwall config`: what is set, by whom, and never a secret."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from pitwall.settings.commands import config
from pitwall.settings.sources import setting_fields


def run(*arguments: str, **environ: str) -> Result:
    return CliRunner().invoke(config, arguments, env=environ)


def test_show_tells_value_and_source_of_every_setting() -> None:
    """JSON holds all settings in the order of the classes."""
    result = run("show", "--output", "json", "--data-dir", "/srv/p", AI_ASSIST_LOG_LEVEL="debug")
    document = json.loads(result.stdout)
    rows = {row["setting"]: row for row in document["settings"]}
    assert list(rows) == list(setting_fields())
    assert rows["logging.level"]["value"] == "debug"
    assert rows["logging.level"]["source"] == "environment"
    assert rows["logging.level"]["place"] == "AI_ASSIST_LOG_LEVEL"
    assert (rows["data_dir"]["value"], rows["data_dir"]["source"]) == ("/srv/p", "flag")
    assert rows["server.port"]["source"] == "default"


@pytest.mark.parametrize("output", ["table", "json", "jsonl"])
def test_show_never_tells_a_secret(output: str) -> None:
    """Not in any form; of a store address the rest is shown."""
    result = run(
        "show",
        "--output",
        output,
        PITWALL_TELEMETRY_STORE__URL="clickhouse://u:hunter2@ch:8123/db",
        PITWALL_STATE_STORE__PASSWORD="hunter2",
        AI_ASSIST_ALERT_WEBHOOK_URL="http://127.0.0.1/hunter2",
    )
    assert result.exit_code == 0
    assert "hunter2" not in result.output
    assert "clickhouse://u:********@ch:8123/db" in result.output


def test_check_passes_in_dev_and_tells_all_reasons_in_prod() -> None:
    """Exit code 3 and one record per reason."""
    assert run("check").stdout == "Settings are valid for profile dev.\n"
    result = run("check", "--profile", "prod", "--output", "json", PITWALL_SERVER__ALLOWED_ORIGINS="*")
    document = json.loads(result.stdout)
    assert result.exit_code == 3
    assert not document["ok"]
    assert {problem["setting"] for problem in document["problems"]} == {
        "server.allowed_origins",
        "telemetry_store.url",
        "state_store.url",
    }
