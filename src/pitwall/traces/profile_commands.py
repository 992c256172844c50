"""`pitwall traces profile`: where a slow request spent its time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import click

from pitwall.access.reach import reach
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.i18n import Text, choose_language
from pitwall.traces.render import show_duration

_COLUMNS = (
    Column("self_ms", "SELF", "right", show=show_duration),
    Column("share", "SHARE", "right", show=lambda share: f"{share * 100:.1f} %"),
    Column("function", "FUNCTION"),
    Column("file", "FILE", gives_way=1),
)
_HEAD = Text(
    "{name}, span {span}: {duration} profiled, {samples} samples",
    "{name}, 스팬 {span}: {duration} 동안 {samples}번 표본을 떴습니다",
)


@click.command()
@click.argument("trace_id")
@click.option("--folded", is_flag=True, help="Write folded stacks, which flame graph tools read.")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Functions at most."
)
@output_option
@target_options
def profile(target: Target, trace_id: str, folded: bool, limit: int, output: OutputFormat) -> None:
    """Show where a profiled request spent its time: functions by the time they took themselves.

    \b
    Example:
      pitwall traces profile 4bf92f3577b34da6a3ce929d0e0e4736
      pitwall traces profile 4bf92f3577b34da6a3ce929d0e0e4736 --folded > request.folded
    """
    with reach(target) as client:
        path = f"/api/v1/traces/{quote(trace_id, safe='')}/profiles"
        answer = client.get(path, {"project": target.project})
    if folded:
        for one in answer["profiles"]:
            for line in _folded(one):
                click.echo(line)
        return
    if output is not OutputFormat.TABLE:
        emit(answer["profiles"], [], output, payload=answer)
        return
    language = choose_language(target.environ)
    for one in answer["profiles"]:
        facts = {"name": one["name"], "span": one["span_id"], "samples": one["sample_count"] or "–"}
        click.echo(_HEAD.say(language, duration=show_duration(one["total_ms"]), **facts))
        emit(_functions(one)[:limit], _COLUMNS, output)


def _functions(profile: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Functions with the time they took themselves, wherever they were called from; the costliest first."""
    spent: dict[tuple[str, str | None], float] = {}
    for frame in profile["frames"]:
        place = (frame["function"], frame["file"])
        spent[place] = spent.get(place, 0.0) + frame["self_ms"]
    total = profile["total_ms"]
    ordered = sorted(spent.items(), key=lambda item: -item[1])
    return [
        {"function": function, "file": file, "self_ms": own, "share": own / total if total else 0.0}
        for (function, file), own in ordered
        if own > 0
    ]


def _folded(profile: Mapping[str, Any]) -> Iterator[str]:
    stack: list[str] = []
    for frame in profile["frames"]:
        del stack[frame["depth"] :]
        place = f" ({frame['file']})" if frame["file"] else ""
        stack.append(f"{frame['function']}{place}")
        if frame["self_ms"] > 0:
            yield f"{';'.join(stack)} {round(frame['self_ms'] * 1000)}"
