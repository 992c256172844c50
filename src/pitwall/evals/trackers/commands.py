"""`pitwall eval track`: sends a run that is over, from this process or by the server of an address."""

from __future__ import annotations

from typing import Any

import click

from pitwall.evals.trackers.options import tracker_option
from pitwall.evals.trackers.telling import link_lines
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.i18n import choose_language

_EXIT_FAILED = 1
_COLUMNS = [
    Column("tracker", "tracker"),
    Column("state", "state"),
    Column("cases_sent", "cases", "right"),
    Column("scores_sent", "scores", "right"),
    Column("url", "url", wrap=True),
]


@click.command()
@click.argument("run")
@tracker_option("Where to send it", required=True)
@output_option
@target_options
def track(target: Target, output: OutputFormat, run: str, trackers: tuple[str, ...]) -> int:
    """Send a run that is over to trackers; sending it again makes nothing double.

    Cases leave as traces with their scores; e-mail addresses, phone, card and resident numbers and secrets
    are masked, and texts are cut to length. It is done in this process, with its settings; with --url the
    server of that address does it. Exit code 1 if something did not arrive.

    \b
    Example:
      pitwall eval track run_019ac1d2 --tracker mlflow
      pitwall eval track latest --tracker phoenix,langfuse --output json
    """
    if not trackers:
        raise click.UsageError("Name a tracker to send the run to.")
    language = choose_language(target.environ)
    answer = _there(target, run, trackers) if target.url else _here(target, run, trackers)
    links = answer["trackers"]
    emit(links, _COLUMNS, output, payload=answer)
    if output is OutputFormat.TABLE:
        for line in link_lines([link for link in links if link["state"] != "sent"], language):
            click.echo(line, err=True)
    return 0 if all(link["state"] == "sent" for link in links) else _EXIT_FAILED


def _there(target: Target, run: str, trackers: tuple[str, ...]) -> dict[str, Any]:
    from pitwall.access.client import ApiClient
    from pitwall.evals.trackers.remote import track_there

    client = ApiClient.find(url=target.url, api_key=target.api_key)
    assert client is not None
    with client:
        return track_there(client, run, trackers, {"project": target.project})


def _here(target: Target, run: str, trackers: tuple[str, ...]) -> dict[str, Any]:
    click.get_current_context().find_root().meta["pitwall.log_to_stderr"]()
    from pitwall.evals.trackers.local import track_here  # the packages of the state store are an extra

    return track_here(target, run, trackers, _say)


def _say(tracker: str, cases: int) -> None:
    click.echo(f"{tracker}: {cases}", err=True)
