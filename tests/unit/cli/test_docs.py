"""The references of commands and errors are complete and current."""

from __future__ import annotations

from pathlib import Path

from pitwall.cli import docs, error_docs
from pitwall.cli.main import COMMANDS
from pitwall.core.errors import LimitExceeded, NotFound

REFERENCE = Path(__file__).resolve().parents[3] / "docs" / "reference"


def test_commands_page_is_current() -> None:
    """The page is what the command line says; `python -m pitwall.cli.docs` writes it."""
    assert (REFERENCE / "commands.md").read_text("utf-8") == docs.reference()


def test_errors_page_is_current() -> None:
    """The page is what the source says; `python -m pitwall.cli.error_docs` writes it."""
    assert (REFERENCE / "errors.md").read_text("utf-8") == error_docs.reference()


def test_every_command_and_option_has_its_entry() -> None:
    """Whatever can be typed is on the page."""
    page = docs.reference()
    for name, lazy in COMMANDS.items():
        for path, command in docs.walk(lazy.load(), f"pitwall {name}"):
            assert f"# `{path}" in page
            block = page.partition(f"# `{path}")[2].partition("\n#")[0]
            options = [one for one in command.params if one.opts[0].startswith("-")]
            named = [one for one in options if f"`{one.opts[0]}" in block or f" {one.opts[-1]}" in block]
            assert [one.opts for one in named] == [one.opts for one in options], path


def test_every_error_code_has_a_meaning() -> None:
    """A code without words is a riddle, words without a code are a leftover."""
    codes = error_docs.error_codes()
    assert [code.code for code in codes if not code.meaning] == []
    assert set(error_docs.MEANINGS) <= {code.code for code in codes}


def test_codes_of_classes_and_of_calls_are_found() -> None:
    """A class's own code, one given in a call, one given by a constant, one made of a status."""
    kinds = {code.code: (code.kind, code.http_status) for code in error_docs.error_codes()}
    assert kinds["project.not_found"] == (NotFound, "404")
    assert kinds["wal.full"] == (LimitExceeded, "429")
    assert {"signal.not_found", "ingest.unpack_failed", "http.*"} <= set(kinds)
    assert kinds["http.method_not_allowed"][1] == "405"
