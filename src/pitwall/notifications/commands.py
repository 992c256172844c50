"""`pitwall notifications`: channels, routes, silences, maintenance windows, deliveries, and a test."""

from __future__ import annotations

from urllib.parse import quote

import click

from pitwall.access.reach import reach
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import OutputFormat, emit
from pitwall.kit.i18n import Text, choose_language
from pitwall.notifications.channel_commands import channels
from pitwall.notifications.delivery_commands import deliveries
from pitwall.notifications.maintenance_commands import maintenance
from pitwall.notifications.route_commands import routes
from pitwall.notifications.silence_commands import silences

_EXIT_NOT_DELIVERED = 3
_DELIVERED = Text(
    "Channel {channel} took the test ({ms} ms).", "{channel} 채널이 테스트를 받았습니다({ms} ms)."
)
_NOT_DELIVERED = Text(
    "Channel {channel} did not take the test: {error}", "{channel} 채널이 테스트를 받지 못했습니다: {error}"
)


@click.group()
def notifications() -> None:
    """Say who is told of alerts, and see what became of it.

    \b
    Example:
      pitwall notifications channels list
      pitwall notifications test ops
    """


@notifications.command()
@click.argument("channel")
@output_option
@target_options
@click.pass_context
def test(context: click.Context, target: Target, channel: str, output: OutputFormat) -> None:
    """Send a test through a channel now; exit code 3 if the channel does not take it.

    \b
    Example:
      pitwall notifications test ops
    """
    with reach(target) as client:
        path = f"/api/v1/notifications/channels/{quote(channel, safe='')}/test"
        delivery = client.post(path, None, {"project": target.project}, timeout_seconds=90)
    is_delivered = delivery["state"] == "delivered"
    if output is not OutputFormat.TABLE:
        emit([delivery], [], output, payload=delivery)
    else:
        text = _DELIVERED if is_delivered else _NOT_DELIVERED
        ms = f"{delivery['attempts'][0]['duration_ms']:g}"
        language = choose_language(target.environ)
        click.echo(text.say(language, channel=channel, error=delivery["error"], ms=ms), err=True)
    if not is_delivered:
        context.exit(_EXIT_NOT_DELIVERED)


for _group in (channels, routes, silences, maintenance, deliveries):
    notifications.add_command(_group)
