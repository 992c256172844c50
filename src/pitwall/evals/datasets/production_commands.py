"""`pitwall datasets from-traces` and `from-incident`: examples out of production."""

from __future__ import annotations

from typing import Any

import click

from pitwall.access.reach import reach
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import OutputFormat, emit
from pitwall.kit.i18n import Text, choose_language
from pitwall.traces.command_options import ago, filter_option, since_option, until_option

_ADDED = Text(
    "Added {count:,} examples to {name}: version {number} has {total:,}.",
    "{name}에 예제 {count:,}개를 더했습니다: 버전 {number}, 모두 {total:,}개.",
    en_one="Added 1 example to {name}: version {number} has {total:,}.",
)
_NOTHING = Text(
    "Nothing was added to {name}; version {number} stays.",
    "{name}에 더할 예제가 없습니다. 버전 {number} 그대로입니다.",
)
_LEFT_OUT = Text("Left out {count:,}: {why}", "제외 {count:,}개: {why}")
_REASONS = {
    "no_question": Text("no question in the trace", "트레이스에 질문이 없음"),
    "texts_gone": Text(
        "its texts were not sent or are older than their retention", "텍스트가 없거나 보관 기간이 지남"
    ),
    "gone": Text("the trace is gone", "트레이스가 없음"),
    "known": Text("in the dataset already", "이미 데이터셋에 있음"),
    "same_question": Text("the same question is there already", "같은 질문이 이미 있음"),
    "one_turn": Text("sessions of one turn", "턴이 하나뿐인 세션"),
    "no_session": Text("traces without a session", "세션이 없는 트레이스"),
}
_PATIENCE_SECONDS = 600.0


@click.command("from-traces")
@click.argument("dataset")
@since_option("a day ago")
@until_option
@filter_option
@click.option("--query", help="Text in the input or output of a span.")
@click.option(
    "--by",
    type=click.Choice(("trace", "session")),
    default="trace",
    show_default=True,
    help="What one example is made of: a trace, or the conversation of a session that has such a trace.",
)
@click.option(
    "--turns", type=click.IntRange(2, 100), help="Of a session at most, the last ones; 20 unless given."
)
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=200,
    show_default=True,
    help="Traces or sessions, the newest.",
)
@click.option("--sample", type=click.IntRange(1, 10_000), help="Draw so many at random instead.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the drawing.")
@click.option("--keep-equal", is_flag=True, help="Take a question again that is there already.")
@output_option
@target_options
def from_traces(
    target: Target,
    dataset: str,
    since: str | None,
    until: str | None,
    filters: tuple[str, ...],
    keep_equal: bool,
    output: OutputFormat,
    **choice: Any,
) -> None:
    """Add traces to DATASET as a new version, or make it: question, answer and documents that were found.

    The ids of trace and span stay with the example. Texts are as they are stored, masked where they were
    masked.

    With --by session an example is a conversation: each trace of the session is a turn, in the order of time,
    with its own documents and trace id. Filters find sessions; those on service and environment hold for
    every turn. Sessions of one turn are left out. `pitwall eval run DATASET --mode multiturn` judges them.

    \b
    Example:
      pitwall datasets from-traces voc-week --since 7d --filter service:eq:voc-chat --sample 100 --seed 1
      pitwall datasets from-traces no-hits --since 24h --filter document_count:eq:0
      pitwall datasets from-traces talks --by session --since 7d --filter service:eq:voc-chat
    """
    if choice["turns"] is not None and choice["by"] != "session":
        raise click.UsageError("--turns is for --by session: a trace is one turn.")
    unit = {name: choice[name] for name in ("by", "turns") if choice[name] not in (None, "trace")}
    body = {
        "dataset": dataset,
        "filters": list(filters),
        "q": choice["query"],
        "since": ago(since) or "now-24h",
        "until": ago(until),
        **unit,
        **{name: choice[name] for name in ("limit", "sample", "seed")},
        "distinct": not keep_equal,
    }
    _add(target, "/api/v1/datasets/from-traces", body, output)


@click.command("from-incident")
@click.argument("dataset")
@click.argument("incident")
@output_option
@target_options
def from_incident(target: Target, dataset: str, incident: str, output: OutputFormat) -> None:
    """Add the traces that stand for INCIDENT, its id or number, to DATASET as a new version.

    \b
    Example:
      pitwall datasets from-incident regressions 12
    """
    _add(target, "/api/v1/datasets/from-incident", {"dataset": dataset, "incident": incident}, output)


def _add(target: Target, path: str, body: dict[str, Any], output: OutputFormat) -> None:
    with reach(target) as client:
        answer = client.post(path, body, {"project": target.project}, timeout_seconds=_PATIENCE_SECONDS)
    if output is not OutputFormat.TABLE:
        emit([answer], [], output, payload=answer)
        return
    language = choose_language(target.environ)
    version = answer["version"]
    told = {"name": answer["dataset"]["name"], "number": version["number"], "total": version["example_count"]}
    done = _ADDED if answer["added"] else _NOTHING
    click.echo(done.say(language, **told, count=answer["added"]), err=True)
    for reason, count in answer["left_out"].items():
        why = _REASONS[reason].say(language)
        click.echo(_LEFT_OUT.say(language, count=count, why=why), err=True)
