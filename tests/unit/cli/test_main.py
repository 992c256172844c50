"""The command line as a whole: light to start, errors in words, the right exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import click
import pytest

from pitwall import __version__
from pitwall.cli.main import COMMANDS, root, run
from pitwall.core.errors import Conflict, InvalidInput, NotFound
from pitwall.kit.cli_lazy import LazyCommand

HEAVY = (
    "chdb",
    "clickhouse_connect",
    "fastapi",
    "numpy",
    "opentelemetry",
    "pandas",
    "pydantic",
    "rich",
    "sqlalchemy",
    "yaml",
)


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A command `probe` whose behaviour a test sets as `module.act`."""
    module = ModuleType("pitwall_probe")

    @click.command()
    def command() -> None:
        """Do what the test says."""
        module.act()

    module.command = command  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "pitwall_probe", module)
    monkeypatch.setitem(root.lazy_commands, "probe", LazyCommand("pitwall_probe:command", "Probe."))
    return module


def raising(error: BaseException) -> object:
    def act() -> None:
        raise error

    return act


def test_help_lists_every_command_and_imports_none() -> None:
    """The list comes from a table, so that it is there at once."""
    code = (
        "import sys\nfrom pitwall.cli.main import run\nassert run(['--help']) == 0\n"
        f"loaded = [name for name in {HEAVY!r} if name in sys.modules]\nassert not loaded, loaded\n"
        "assert not [m for m in sys.modules if m.endswith('.commands')]"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for name, lazy in COMMANDS.items():
        assert f"  {name} " in done.stdout
        assert lazy.help in done.stdout


def test_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """The one that the package has."""
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"pitwall {__version__}\n"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotFound("Trace 'ab' does not exist.", hint="List traces with pitwall traces list."), 1),
        (InvalidInput("Step '5' is no duration.", hint="Write 5m."), 2),
        (Conflict("Port 8400 is taken.", hint="Use --port."), 1),
    ],
)
def test_expected_error_is_one_message_with_its_way_out(
    probe: ModuleType, capsys: pytest.CaptureFixture[str], error: InvalidInput, code: int
) -> None:
    """Message and hint on stderr, the class's exit code, nothing on stdout, no traceback."""
    probe.act = raising(error)  # type: ignore[attr-defined]
    assert run(["probe"]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"Error: {error.message}\nHint: {error.hint}\n"


@pytest.mark.parametrize(
    ("language", "lines"),
    [("en", ["  b in English", "  … and 3 more."]), ("ko", ["  a 한국어", "  b 한국어", "  … 그 밖에 3개."])],
)
def test_problems_of_a_file_are_listed(
    probe: ModuleType,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    lines: list[str],
) -> None:
    """Those that the message has not named, and how many more there are; in Korean all of them."""
    monkeypatch.setenv("PITWALL_LANG", language)
    problems = [{"text": {"en": f"{name} in English", "ko": f"{name} 한국어"}} for name in "ab"]
    error = InvalidInput("a in English", hint="Correct it.", details={"problems": problems, "count": 5})
    probe.act = raising(error)  # type: ignore[attr-defined]
    assert run(["probe"]) == 2
    assert capsys.readouterr().err.splitlines() == ["Error: a in English", *lines, "Hint: Correct it."]


def test_file_that_cannot_be_written_is_named(
    probe: ModuleType, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """As any other failure, without a traceback."""
    probe.act = (tmp_path / "none" / "out.json").read_bytes  # type: ignore[attr-defined]
    assert run(["probe"]) == 1
    assert capsys.readouterr().err == f"Error: {tmp_path}/none/out.json: No such file or directory.\n"


def test_mistyped_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    """A usage error that says what was meant; a strange word is only refused."""
    assert run(["sattus"]) == 2
    assert "Did you mean 'status'?" in capsys.readouterr().err
    assert run(["zzzz"]) == 2
    assert "Did you mean" not in capsys.readouterr().err


def test_interrupt_ends_with_130(probe: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """As shells expect."""
    probe.act = raising(KeyboardInterrupt())  # type: ignore[attr-defined]
    assert run(["probe"]) == 130
    assert "Interrupted" in capsys.readouterr().err


def test_missing_package_names_the_extra(probe: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """A light installation says what to install instead of showing a traceback."""
    probe.act = raising(ModuleNotFoundError("No module named 'chdb'", name="chdb"))  # type: ignore[attr-defined]
    assert run(["probe"]) == 1
    err = capsys.readouterr().err
    assert "'chdb'" in err
    assert 'pip install "pitwall[server]"' in err


def test_defect_keeps_its_traceback(probe: ModuleType) -> None:
    """A missing module of our own is no matter of extras; unexpected errors are not dressed up."""
    for error in (ModuleNotFoundError("No module named 'pitwall.x'", name="pitwall.x"), ZeroDivisionError()):
        probe.act = raising(error)  # type: ignore[attr-defined]
        with pytest.raises(type(error)):
            run(["probe"])


@pytest.mark.parametrize(
    "arguments", [["nothing"], ["config", "show", "--output", "xml"], ["config", "show", "--nix"]]
)
def test_wrong_usage_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Click's own messages, on stderr."""
    assert run(arguments) == 2
    assert "Error:" in capsys.readouterr().err


def test_exit_code_of_a_check_reaches_the_shell(capsys: pytest.CaptureFixture[str]) -> None:
    """3 means that a check did not pass."""
    assert run(["config", "check", "--profile", "prod"]) == 3
    assert "telemetry_store.url" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["config", "show", "--output", "jsonl"], ["--version"]])
def test_reader_that_goes_away_leaves_no_traceback(arguments: list[str]) -> None:
    """As in `pitwall config show | head -1`: failed, but without a traceback, however much was written."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [str(Path(sys.executable).with_name("pitwall")), *arguments]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")
