"""`pitwall eval run`: in this process, on the state store itself, or by the server of an address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from pitwall.core.errors import InvalidInput, NotFound
from pitwall.evals.runs.thresholds import read_threshold
from pitwall.evals.trackers.options import tracker_option
from pitwall.kit.cli_options import Target, output_option, state_target_options
from pitwall.kit.cli_output import OutputFormat
from pitwall.kit.light_imports import import_lightly, importing

_MODES = ("simple", "full", "multiturn")
_PRESETS = ("quick", "production", "summary", "comprehensive", "offline")
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class PairType(click.ParamType[tuple[str, float]]):
    """`metric=value`; becomes the name and the number."""

    name = "metric=value"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, float]:
        """Read a threshold; a wrong one is a usage error."""
        if isinstance(value, tuple):
            return value
        try:
            return read_threshold(str(value))
        except InvalidInput as error:
            self.fail(error.message, param, ctx)


def _options(*options: Decorator) -> Decorator:
    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return add


_what = _options(
    click.option(
        "-m", "--metrics", help="Metrics by name, separated by commas; `pitwall eval metrics` lists them."
    ),
    click.option("--preset", type=click.Choice(_PRESETS), help="A set of metrics; without any, production."),
    click.option(
        "--mode",
        type=click.Choice(_MODES),
        default="full",
        show_default=True,
        help="simple judges faithfulness and answer relevancy, multiturn conversations.",
    ),
    click.option(
        "--threshold",
        "thresholds",
        type=PairType(),
        multiple=True,
        help="What a case passes at; before the dataset's, the profile's and the metric's own.",
    ),
    click.option(
        "--metric-file",
        "metric_files",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        multiple=True,
        help="Python file with metrics of your own (METRICS).",
    ),
    click.option(
        "--prompts",
        "prompts",
        metavar="FILE",
        help="YAML file with prompts of your own, as `pitwall eval prompts show` writes them; or the id of a "
        "run, whose prompts are taken.",
    ),
    click.option("--profile", help="Whose models judge; `pitwall judge profiles` lists them."),
    click.option("--name", help="Name of the run; default is the dataset's."),
)
_answers = _options(
    click.option(
        "--target",
        "answers_from",
        default="stored",
        show_default=True,
        help="Where answers come from: `stored` with the dataset, an address, or a Python `module:function`.",
    ),
    click.option(
        "--target-body",
        default='{"question": "{question}"}',
        show_default=True,
        help="JSON sent to an address; {question}, {id}, {language} and {metadata.NAME} are filled in.",
    ),
    click.option(
        "--target-answer",
        default="answer",
        show_default=True,
        help="Where its reply has the answer, such as choices.0.message.content.",
    ),
    click.option(
        "--target-contexts",
        help="Where its reply has the contexts: a list of texts or of objects with `text`.",
    ),
    click.option("--target-tool-calls", help="Where its reply has the tools that were called."),
    click.option(
        "--target-usage",
        help="Where its reply has what the answer took: input_tokens, output_tokens, cost_usd.",
    ),
    click.option(
        "--target-header",
        "target_headers",
        multiple=True,
        metavar="NAME=VALUE",
        help="Header to send; a value such as secret://env/TOKEN is read when it is sent and stored nowhere.",
    ),
    click.option(
        "--target-timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=60.0,
        show_default=True,
        help="Seconds for one answer.",
    ),
    click.option(
        "--target-retries",
        type=click.IntRange(0, 10),
        default=2,
        show_default=True,
        help="Further tries after a failure that may pass.",
    ),
    click.option(
        "--target-concurrency",
        type=click.IntRange(1, 512),
        default=8,
        show_default=True,
        help="Answers asked for at once.",
    ),
)
_contexts = _options(
    click.option(
        "--retriever",
        type=click.Choice(("bm25", "dense", "hybrid")),
        help="Find contexts for cases that have none: by words, by vectors of the profile's embedding model, "
        "or by the ranks of both. In this process only, not with --url.",
    ),
    click.option(
        "--retriever-docs",
        type=click.Path(exists=True, path_type=Path),
        help="File or directory with the documents: .txt, .md, .json, .jsonl.",
    ),
    click.option(
        "--retriever-top-k",
        type=click.IntRange(1, 100),
        default=5,
        show_default=True,
        help="Passages for each case.",
    ),
    click.option(
        "--chunk-size",
        type=click.IntRange(50, 20_000),
        default=1200,
        show_default=True,
        help="Characters of a passage at most.",
    ),
    click.option(
        "--chunk-overlap",
        type=click.IntRange(min=0),
        default=120,
        show_default=True,
        help="How many of these the passage before has too, at most.",
    ),
    click.option(
        "--replace-contexts",
        is_flag=True,
        help="Put what --retriever finds in the place of contexts that cases have.",
    ),
)
_how_much = _options(
    click.option("--max-calls", type=int, help="Model calls at most."),
    click.option(
        "--max-cost", type=float, help="US dollars at most; the price of the judge has to be known."
    ),
    click.option("--max-minutes", type=float, help="Minutes at most."),
    click.option("--repeats", type=int, default=1, show_default=True, help="How often each case is judged."),
    click.option(
        "--fresh", "is_fresh", is_flag=True, help="Ask the judge also what it answered in other runs."
    ),
    click.option("--limit", type=int, help="Cases at most: the first ones, or with --seed drawn ones."),
    click.option("--seed", type=int, help="Draws the cases of --limit and the resamples of intervals."),
    click.option("--skip-invalid", is_flag=True, help="Leave out what in the file is no example."),
    click.option("--resume", metavar="RUN_ID", help="Go on with a run; a larger budget may be given."),
    click.option(
        "--auto-analyze",
        is_flag=True,
        help="Then analyse it: files under reports/analysis, as `pitwall eval analyze` writes them.",
    ),
    tracker_option("Then send it, sanitised, to"),
    click.option("--dry-run", is_flag=True, help="Say what the run would take, and stop."),
)


@click.command()
@click.argument("dataset", required=False)
@_what
@_answers
@_contexts
@_how_much
@output_option
@state_target_options
def run(target: Target, output: OutputFormat, **values: Any) -> int:
    """Judge a dataset: a file, or a stored one by name or name@version.

    It runs in this process, on the state store itself; with --url the server of that address does it. Every
    score is kept at once: a run that was interrupted, killed or stopped by its budget goes on with --resume,
    and asks nothing twice.

    \b
    Example:
      pitwall eval run questions.json --metrics exact_match,f1_score
      pitwall eval run qa@3 --metrics faithfulness --profile dev --max-cost 2
      pitwall eval run qa --target http://127.0.0.1:8000/ask --target-contexts sources
      pitwall eval run qa --preset offline --tracker mlflow
      pitwall eval run qa@3 --metrics faithfulness --profile dev --prompts prompts.yaml
      pitwall eval run qa -m hit_rate,mrr --retriever bm25 --retriever-docs docs/
      pitwall eval run --resume run_019ac1d2
    """
    if (values["dataset"] is None) == (values["resume"] is None):
        raise click.UsageError("Name a dataset, or a run with --resume, and not both.")
    context = click.get_current_context()
    _check_resume(context, values)
    _check_retriever(context, values)
    try:
        return _do(target, output, values)
    except NotFound as error:
        if error.code != "dataset.not_found" or not Path(values["dataset"] or "").suffix:
            raise
        message = f"There is no file {values['dataset']!r}, and no dataset of that name."
        raise NotFound(message, code=error.code, hint=error.hint) from error


def _do(target: Target, output: OutputFormat, values: Mapping[str, Any]) -> int:
    if target.url:
        from pitwall.evals.runs.remote import run_there

        return run_there(target, output, values)
    with importing():
        import_lightly("structlog")
        click.get_current_context().find_root().meta["pitwall.log_to_stderr"]()
        from pitwall.evals.runs.running import run_here  # the packages of the state store are an extra

    return run_here(target, output, values)


_OF_RETRIEVER = frozenset("retriever_docs retriever_top_k chunk_size chunk_overlap replace_contexts".split())


def _check_retriever(context: click.Context, values: dict[str, Any]) -> None:
    """Refuse a retriever without documents, and options of one that is not there."""
    if values["retriever"] is not None:
        if values["retriever_docs"] is None:
            raise click.UsageError("--retriever searches documents: name them with --retriever-docs.")
        return
    given = _given(context, lambda name: name in _OF_RETRIEVER)
    if given:
        raise click.UsageError(f"{', '.join(given)}: only with --retriever.")


def _given(context: click.Context, is_meant: Callable[[str], bool]) -> list[str]:
    """Options that stand on the command line."""
    return [
        parameter.opts[-1]
        for parameter in context.command.params
        if isinstance(parameter, click.Option)
        and is_meant(parameter.name or "")
        and context.get_parameter_source(parameter.name or "") is click.core.ParameterSource.COMMANDLINE
    ]


_WITH_RESUME = frozenset(
    [
        "resume",
        "auto_analyze",
        "trackers",
        *"max_calls max_cost max_minutes metric_files output data_dir db url project api_key config".split(),
    ]
)


def _check_resume(context: click.Context, values: dict[str, Any]) -> None:
    """Refuse options that a plan has settled already."""
    if values["resume"] is None:
        return
    given = _given(context, lambda name: name not in _WITH_RESUME)
    if given:
        raise click.UsageError(
            f"{', '.join(given)}: a run that goes on keeps its plan; only its budget may grow."
        )
