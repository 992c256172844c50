"""`pitwall boards` without a server: on the state store of a data directory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pitwall.cli.main import root, run


def _run(data_dir: Path, *arguments: str, text: str | None = None, language: str = "en") -> Result:
    environ = {"PITWALL_LANG": language, "COLUMNS": "200"}
    command = ["boards", *arguments, "--data-dir", str(data_dir)]
    return CliRunner().invoke(root, command, input=text, env=environ)


def _json(data_dir: Path, *arguments: str) -> dict[str, object]:
    done = _run(data_dir, *arguments, "--output", "json")
    assert done.exit_code == 0, done.output
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_exported_board_is_imported_under_another_name(tmp_path: Path) -> None:
    """What one team writes another reads, and its name is given on the way."""
    exported = _run(tmp_path, "export", "cost").stdout
    assert _run(tmp_path, "import", "-", "--name", "my-cost", text=exported).exit_code == 0
    listed = _json(tmp_path, "list")["boards"]
    assert isinstance(listed, list)
    assert [one["name"] for one in listed] == ["real_time", "quality", "cost", "my-cost"]
    shown = _json(tmp_path, "show", "my-cost")
    assert (shown["origin"], shown["updated_by"], shown["tiles"]) == ("team", "local", listed[2]["tiles"])
    assert _run(tmp_path, "delete", "my-cost", "--yes").exit_code == 0
    assert run(["boards", "show", "my-cost", "--data-dir", str(tmp_path)]) == 1


def test_board_is_replaced_only_after_a_yes(tmp_path: Path) -> None:
    """A question before, a way around it for scripts, and the way back."""
    exported = _run(tmp_path, "export", "cost").stdout.replace("ko: 비용\n", "ko: 돈\n", 1)
    asked = _run(tmp_path, "import", "-", text=exported)
    assert (asked.exit_code, "Replace it?" in asked.stderr) == (1, True)
    (tmp_path / "cost.yaml").write_text(exported, "utf-8")
    assert _run(tmp_path, "import", str(tmp_path / "cost.yaml"), "--yes").exit_code == 0
    table = _run(tmp_path, "list", language="ko").stdout
    assert "팩 core, 팀이 수정함" in table
    assert "돈" in table
    assert "pack's again" in _run(tmp_path, "delete", "cost", "--yes").stderr


def test_table_shows_tiles_and_charts(tmp_path: Path) -> None:
    """What is on a board, in the reader's language."""
    table = _run(tmp_path, "show", "real_time", language="ko").stdout
    assert "오늘 토큰" in table
    assert "requests.p50_latency_ms, requests.p95_latency_ms" in table


def test_wrong_file_is_told_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistake leaves with the code of usage and changes nothing."""
    text = _run(tmp_path, "export", "cost").stdout.replace("llm.token_efficiency", "llm.token_eficiency")
    (tmp_path / "cost.yaml").write_text(text, "utf-8")
    assert run(["boards", "import", str(tmp_path / "cost.yaml"), "--data-dir", str(tmp_path)]) == 2
    line = text.splitlines().index("- signal: llm.token_eficiency") + 1
    assert f"Line {line}: Tile 7: There is no signal llm.token_eficiency." in capsys.readouterr().err
    (tmp_path / "cost.yaml").write_bytes(b"\xff\xfe")
    assert run(["boards", "import", str(tmp_path / "cost.yaml"), "--data-dir", str(tmp_path)]) == 2
    assert "no UTF-8 text" in capsys.readouterr().err
