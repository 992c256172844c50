"""Entry point of `pitwall`: the table of commands, and what an error becomes on the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import click

from pitwall import __version__
from pitwall.core.errors import PitwallError
from pitwall.kit.cli_lazy import LazyCommand, LazyGroup
from pitwall.kit.cli_options import shell_language
from pitwall.kit.cli_problems import lines_of_error

if TYPE_CHECKING:
    import httpx

    from pitwall.settings import Problem, Settings

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130

COMMANDS = {
    "up": LazyCommand("pitwall.server.commands:up", "Run everything in one process."),
    "serve": LazyCommand("pitwall.server.commands:serve", "Run the server without background work."),
    "status": LazyCommand("pitwall.server.commands:status", "Show what has been taken in."),
    "ingest": LazyCommand("pitwall.ingest.commands:ingest", "Read telemetry from JSONL and CSV files."),
    "traces": LazyCommand("pitwall.traces.commands:traces", "List traces, count them, show one as a tree."),
    "errors": LazyCommand("pitwall.traces.overview_commands:errors", "List what fails."),
    "incidents": LazyCommand("pitwall.incidents.commands:incidents", "List and handle incidents."),
    "changes": LazyCommand("pitwall.changes.commands:changes", "List what was changed, and tell of changes."),
    "alerts": LazyCommand("pitwall.alerts.commands:alerts", "List alerts, write and test alert rules."),
    "signals": LazyCommand("pitwall.cli.signal_commands:signals", "Show, query and export signals."),
    "boards": LazyCommand("pitwall.boards.commands:boards", "List, show and share boards of signals."),
    "notifications": LazyCommand(
        "pitwall.notifications.commands:notifications", "Say who is told of alerts, and see what was sent."
    ),
    "artifacts": LazyCommand(
        "pitwall.artifacts.commands:artifacts", "Write files for Prometheus, Alertmanager and Grafana."
    ),
    "scrape": LazyCommand("pitwall.ingest.scrape.commands:scrape", "Read pages of Prometheus metrics."),
    "probes": LazyCommand("pitwall.probes.commands:probes", "Watch services with probes of Pitwall's own."),
    "checks": LazyCommand(
        "pitwall.checks.commands:checks", "Run checklists: daily, weekly, deploy, release."
    ),
    "datasets": LazyCommand(
        "pitwall.evals.datasets.commands:datasets", "Keep examples that evaluations run over."
    ),
    "archive": LazyCommand("pitwall.ingest.archive.commands:archive", "Keep old trace files packed."),
    "telemetry": LazyCommand(
        "pitwall.ingest.telemetry_commands:telemetry", "Look after stored telemetry and dead letters."
    ),
    "judge": LazyCommand("pitwall.llm.commands:judge", "Show and examine models that judge."),
    "eval": LazyCommand("pitwall.evals.commands:eval_", "Judge answers by metrics, and see what came of it."),
    "stage": LazyCommand(
        "pitwall.evals.stages.commands:stage", "Look at the stages of a RAG pipeline, and what to improve."
    ),
    "ops": LazyCommand(
        "pitwall.evals.snapshots.commands:ops", "Keep what a run ran on, and see what changed."
    ),
    "budgets": LazyCommand("pitwall.costs.budgets.commands:budgets", "List and set what may be spent."),
    "costs": LazyCommand("pitwall.costs.commands:costs", "Show what models cost and what could be saved."),
    "prices": LazyCommand("pitwall.ingest.price_commands:prices", "Look up what models cost."),
    "projects": LazyCommand("pitwall.access.project_commands:projects", "List projects and what they hold."),
    "keys": LazyCommand("pitwall.access.commands:keys", "Create, list and revoke API keys."),
    "config": LazyCommand("pitwall.settings.commands:config", "Show and check settings."),
}


@click.group(
    cls=LazyGroup,
    lazy_commands=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="pitwall", message="%(prog)s %(version)s")
@click.pass_context
def root(context: click.Context) -> None:
    """Watch, judge and steer LLM and RAG services.

    \b
    Example:
      pitwall up
      pitwall signals show --since now-1h
    """
    context.meta["pitwall.check_files"] = _check_files
    context.meta["pitwall.log_to_stderr"] = _log_to_stderr


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code.

    Codes: 0 done, 1 failed, 2 usage, 3 a check did not pass, 130 interrupted.
    """
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; errors Pitwall expects become one message on stderr."""
    try:
        result = root.main(args=arguments, prog_name="pitwall", standalone_mode=False, obj=_open_data_dir)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return EXIT_INTERRUPTED
    except PitwallError as error:
        _show(error.message, error.hint, lines_of_error(error.details, shell_language()))
        return error.exit_code
    except ModuleNotFoundError as error:
        return _explain_missing_module(error)
    except BrokenPipeError:
        return _close_pipe()
    except OSError as error:
        if error.filename is None:
            raise
        _show(f"{error.filename}: {error.strerror}.", None)
        return EXIT_FAILED
    return result if isinstance(result, int) else 0


def _open_data_dir(
    settings: Settings, environ: Mapping[str, str]
) -> AbstractContextManager[httpx.BaseTransport]:
    """Let commands work on a data directory that no server runs on (see `pitwall.access.reach`)."""
    from pitwall.server.offline import open_data_dir  # the server's packages are an extra

    _log_to_stderr()
    return open_data_dir(settings, environ)


def _log_to_stderr() -> None:
    """Let warnings of what a command does in its own process stand beside its messages."""
    from pitwall.server.logs import configure_logging  # structlog is not for commands that ask a server

    configure_logging("warning", as_json=False, stream=sys.stderr, colors=False)


def _check_files(settings: Settings) -> list[Problem]:
    """Read the files that settings name, for `pitwall config check`."""
    from pitwall.cli.named_files import problems_of_files

    return problems_of_files(settings)


def _show(message: str, hint: str | None, more: Sequence[str] = ()) -> None:
    click.echo(f"Error: {message}", err=True)
    for line in more:
        click.echo(f"  {line}", err=True)
    if hint:
        click.echo(f"Hint: {hint}", err=True)


def _explain_missing_module(error: ModuleNotFoundError) -> int:
    """Tell which extra a command needs; a missing module of our own is a defect and keeps its traceback."""
    name = (error.name or "").partition(".")[0]
    if name in ("", "pitwall"):
        raise error
    _show(
        f"This command needs the package {name!r}, which is not installed.",
        'Install the server: pip install "pitwall[server]".',
    )
    return EXIT_FAILED


def _close_pipe() -> int:
    """Leave without a traceback when the reader of stdout went away, as `head` does."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return EXIT_FAILED
