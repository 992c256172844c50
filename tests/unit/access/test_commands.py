"""What `pitwall keys list` shows on a terminal."""

from __future__ import annotations

import sys
from io import StringIO
from pathlib import Path

import pytest

from pitwall.access.commands import _COLUMNS
from pitwall.cli.main import run
from pitwall.kit.cli_output import OutputFormat, emit

KEY = {
    "id": "01a1f89fcfbb7000baa0bdd1bcf40607",
    "project": "shop",
    "name": "checkout-service",
    "scopes": ["ingest", "read"],
    "prefix": "pw_abcdefgh",
    "created_at": "2026-11-20T09:00:00Z",
    "last_used_at": None,
    "expires_at": None,
    "revoked_at": None,
}


class Terminal(StringIO):
    """A screen."""

    def isatty(self) -> bool:
        return True


def test_narrow_terminal_keeps_what_names_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """On 80 columns the times go first; id, project, name and scopes stay whole on one line."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    screen, notes = Terminal(), StringIO()
    monkeypatch.setattr(sys, "stderr", notes)
    emit([KEY], _COLUMNS, OutputFormat.TABLE, stream=screen)
    [_, line] = screen.getvalue().splitlines()
    for name in ("id", "project", "name"):
        assert str(KEY[name]) in line
    assert "ingest, read" in line
    assert "created" in notes.getvalue()


def test_no_keys_is_a_sentence_with_the_way_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A table without rows says what to do."""
    assert run(["keys", "list", "--data-dir", str(tmp_path)]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "pitwall keys create" in err
