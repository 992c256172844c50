"""`pitwall eval missed`: which questions were not answered well, as a table, a file or a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pitwall.access.reach import reach
from pitwall.evals.missed.types import MissedReason
from pitwall.kit.cli_files import out_option
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import Column, OutputFormat, emit
from pitwall.kit.i18n import Language, Text, choose_language
from pitwall.traces.command_options import ago, filter_option, since_option, until_option

_MISSED = "/api/v1/evals/missed"
_PATIENCE_SECONDS = 300.0
_NOTHING = Text("No question was missed in this time.", "이 기간에 놓친 질문이 없습니다.")
_SUMMARY = Text(
    "{missed:,} of {requests:,} requests were missed; {questions:,} different questions.",
    "요청 {requests:,}건 가운데 {missed:,}건을 놓쳤습니다. 서로 다른 질문은 {questions:,}개입니다.",
)
_CUT = Text(
    "There are more than were looked at: narrow the time range.",
    "살펴본 것보다 더 있습니다. 기간을 좁혀 주세요.",
)
_NO_TEXTS = Text(
    "{count} missed requests have no question: it was not sent, or it is older than its retention.",
    "놓친 요청 {count}건은 질문을 알 수 없습니다. 보내지 않았거나 보관 기간이 지났습니다.",
    en_one="1 missed request has no question: it was not sent, or it is older than its retention.",
)
_WRITTEN = Text(
    "Wrote {count} questions to {file}.", "질문 {count}개를 {file}에 썼습니다.", "Wrote 1 question to {file}."
)
_ADDED = Text(
    "Added {count} examples to the dataset {name}.",
    "데이터셋 {name}에 예제 {count}개를 더했습니다.",
    "Added 1 example to the dataset {name}.",
)
_COLUMNS = [
    Column("question", "question", wrap=True),
    Column("count", "requests", "right"),
    Column("reasons", "reasons", wrap=True, show=lambda counts: _reasons(counts)),  # noqa: PLW0108 defined below
    Column("last_at", "last", show=lambda at: str(at)[:19] + "Z", gives_way=1),
    Column("examples", "trace", show=lambda traces: traces[0]["trace_id"], gives_way=2),
]


@click.command()
@since_option("a week ago")
@until_option
@filter_option
@click.option(
    "--reason",
    "reasons",
    multiple=True,
    type=click.Choice([one.value for one in MissedReason]),
    help="Only these.",
)
@click.option(
    "--limit", type=click.IntRange(1, 300), default=50, show_default=True, help="Questions at most."
)
@out_option("Write them to a file that ends in .csv or .jsonl, too.")
@click.option("--dataset", help="Add them to this dataset as examples.")
@output_option
@target_options
def missed(
    target: Target,
    since: str | None,
    until: str | None,
    filters: tuple[str, ...],
    reasons: tuple[str, ...],
    limit: int,
    out: Path | None,
    dataset: str | None,
    output: OutputFormat,
) -> None:
    """List the questions that were missed most: no hits, refused, scored low, disliked or failed.

    Questions that ask nearly the same stand together. An answer counts as refused by how it begins.

    \b
    Example:
      pitwall eval missed --since 7d
      pitwall eval missed --reason no_hits --reason refusal -o missed.csv
      pitwall eval missed --since 24h --filter service:eq:voc-chat --dataset to-fix
    """
    from pitwall.evals.missed.export import check_format, write_file

    if out is not None:
        check_format(out)
    times = {"since": ago(since) or "now-7d", "until": ago(until)}
    query = {"project": target.project, **times, "filter": list(filters), "reason": list(reasons)}
    with reach(target) as client:
        answer = client.get(_MISSED, {**query, "limit": limit})
        added = None
        if dataset is not None:
            body = {"dataset": dataset, **times, "filters": list(filters), "reasons": list(reasons)}
            project = {"project": target.project}
            added = client.post(f"{_MISSED}/dataset", body, project, timeout_seconds=_PATIENCE_SECONDS)
    language = choose_language(target.environ)
    if out is not None:
        write_file(out, answer["questions"])
        click.echo(_WRITTEN.say(language, count=len(answer["questions"]), file=out), err=True)
    emit(answer["questions"], _COLUMNS, output, payload=answer, empty=_NOTHING.say(language))
    if output is OutputFormat.TABLE:
        _tell(answer, language)
    if added is not None:
        click.echo(_ADDED.say(language, count=added["added"], name=dataset), err=True)


def _tell(answer: dict[str, Any], language: Language) -> None:
    numbers = {"missed": answer["missed"], "requests": answer["requests"]}
    click.echo(_SUMMARY.say(language, **numbers, questions=answer["question_count"]), err=True)
    if answer["without_question"]:
        click.echo(_NO_TEXTS.say(language, count=answer["without_question"]), err=True)
    if answer["is_cut"]:
        click.echo(_CUT.say(language), err=True)


def _reasons(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
