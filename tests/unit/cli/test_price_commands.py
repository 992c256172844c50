"""`pitwall prices` and the file of own prices that `pitwall config check` reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pitwall.cli.main import run

OWN = """\
prices:
  - provider: ollama
    model: "qwen2.5:*"
    usd_per_second: 0.00012
  - provider: openai
    model: gpt-4o-mini
    input_usd_per_mtok: 3
    output_usd_per_mtok: 12.5
"""


@pytest.fixture(autouse=True)
def _no_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for a server where none runs, whatever the machine has."""
    monkeypatch.setenv("PITWALL_DATA_DIR", str(tmp_path / "data"))


@pytest.fixture
def price_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "prices.yaml"
    path.write_text(OWN)
    monkeypatch.setenv("PITWALL_PRICES__FILE", str(path))
    return path


def test_show_finds_a_price_as_a_span_would(price_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pattern of the own file wins; amounts are exact decimals, the source names the file."""
    assert run(["prices", "show", "qwen2.5:7b", "--provider", "ollama", "--output", "json"]) == 0
    [row] = json.loads(capsys.readouterr().out)["prices"]
    assert (row["usd_per_second"], row["input_usd_per_mtok"]) == ("0.00012", "0")
    assert row["source"].startswith("prices.yaml@")


def test_list_has_todays_prices_by_name(price_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the own file covers has its price, the rest the packaged one."""
    assert run(["prices", "list", "--provider", "openai", "--contains", "gpt-4o", "--output", "json"]) == 0
    rows = {row["model"]: row for row in json.loads(capsys.readouterr().out)["prices"]}
    assert (rows["gpt-4o-mini"]["input_usd_per_mtok"], rows["gpt-4o-mini"]["output_usd_per_mtok"]) == (
        "3",
        "12.5",
    )
    assert rows["gpt-4o"]["source"].startswith("genai-prices")


def test_unknown_model_says_how_to_price_it(capsys: pytest.CaptureFixture[str]) -> None:
    """No price is an error with a way out, not a row of zeros."""
    assert run(["prices", "show", "house-model"]) == 1
    err = capsys.readouterr().err
    assert "Model 'house-model' has no price." in err
    assert "prices.file" in err


def test_config_check_names_file_and_line_of_a_bad_price(
    price_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The check reads the price file; exit code 3 and the place."""
    assert run(["config", "check"]) == 0
    price_file.write_text(OWN.replace("0.00012", "cheap"))
    capsys.readouterr()
    assert run(["config", "check", "--output", "json"]) == 3
    [problem] = json.loads(capsys.readouterr().out)["problems"]
    assert problem["setting"] == "prices.file"
    assert f"{price_file}:4: usd_per_second 'cheap' is not a price" in problem["message"]


def test_config_check_names_a_price_file_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the server would refuse to start."""
    monkeypatch.setenv("PITWALL_PRICES__FILE", str(tmp_path / "none.yaml"))
    assert run(["config", "check"]) == 3
    assert "none.yaml cannot be read" in capsys.readouterr().out
