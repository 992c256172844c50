"""`pitwall datasets synthesize`: questions that a model makes of documents."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pitwall.access.reach import reach
from pitwall.kit.cli_options import Target, output_option, target_options
from pitwall.kit.cli_output import OutputFormat, emit
from pitwall.kit.i18n import Language, Text, choose_language

if TYPE_CHECKING:
    from pitwall.evals.datasets.synthesis.making import Synthesis
    from pitwall.evals.datasets.synthesis.types import SynthesisCounts, SynthesisPlan
    from pitwall.settings import Settings
    from pitwall.stores.state import StateStore

# The values of `QuestionKind`, whose module would make the help wait.
KINDS = ("factual", "reasoning", "comparative", "procedural", "opinion")
_DEFAULT_PROJECT = "default"
_DATASETS = "/api/v1/datasets"
_PATIENCE_SECONDS = 600.0

_MADE = Text(
    "Made {name} version {number}: {count:,} questions of {asked:,} passages.",
    "{name} 버전 {number}을(를) 만들었습니다: 문단 {asked:,}개에서 질문 {count:,}개.",
    en_one="Made {name} version {number}: 1 question of {asked:,} passages.",
)
_DROPPED = Text("Dropped {count:,}: {why}", "버린 질문 {count:,}개: {why}")
_FAILED = Text("No questions for {count:,} passages: {why}", "질문을 얻지 못한 문단 {count:,}개: {why}")
_REASONS = {
    "quote_not_found": Text("their quote does not stand in the passage", "인용한 문장이 문단에 없음"),
    "near_duplicate": Text("a question like it is there", "비슷한 질문이 이미 있음"),
    "empty": Text("no question or no answer", "질문이나 정답이 비어 있음"),
    "enough": Text("there were enough", "필요한 수를 채움"),
}
_SIMULATED = Text(
    "These questions come from the simulated model: rules that look at words, no model.",
    "시뮬레이션 모델이 만든 질문입니다. 모델 없이 단어만 보는 규칙으로 만들었습니다.",
)


@click.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--profile", required=True, help="Whose model is asked; `pitwall judge profiles` has all.")
@click.option("--name", help="Of the dataset; default is the name of PATH.")
@click.option(
    "--count", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Questions at most."
)
@click.option(
    "--per-passage", type=click.IntRange(1, 10), default=2, show_default=True, help="Questions of a passage."
)
@click.option(
    "--type", "kinds", multiple=True, type=click.Choice(KINDS), help="Of questions; may be repeated."
)
@click.option("--seed", type=int, default=0, show_default=True, help="In which order passages are asked.")
@click.option("--max-calls", type=click.IntRange(1), help="Calls to the model at most.")
@output_option
@target_options
def synthesize(target: Target, path: Path, output: OutputFormat, **how: Any) -> None:
    """Make a dataset of questions about documents: PATH is a file or a directory with texts.

    Every question has its answer and the passage that it rests on; one whose quote does not stand in its
    passage is dropped. Texts are .txt, .md, .rst; .json and .jsonl hold documents with id and content.

    \b
    Example:
      pitwall datasets synthesize docs/ --profile dev --count 100
      pitwall datasets synthesize terms.md --profile simulated --type factual --name terms-qa
    """
    from pitwall.evals.datasets.synthesis.result import check_made, dataset_file
    from pitwall.evals.datasets.synthesis.types import QuestionKind, SynthesisPlan

    language = choose_language(target.environ)
    kinds = tuple(QuestionKind(kind) for kind in how["kinds"]) or tuple(QuestionKind)
    plan = SynthesisPlan(count=how["count"], per_passage=how["per_passage"], kinds=kinds, seed=how["seed"])
    made = _make(target, path, plan, how["profile"], how["max_calls"])
    check_made(made)
    body = dataset_file(path.name, plan, made)
    question = {
        "file": f"{path.name}.json",
        "name": how["name"] or path.stem,
        "format": "json",
        "project": target.project,
    }
    with reach(target, may_create=True) as client:
        answer = client.upload(_DATASETS, iter([body]), question, timeout_seconds=_PATIENCE_SECONDS)
    if output is not OutputFormat.TABLE:
        emit([answer], [], output, payload=answer)
    _tell(answer, made, language)


def _make(target: Target, path: Path, plan: SynthesisPlan, profile: str, max_calls: int | None) -> Synthesis:
    """Ask in this process, and keep every call."""
    from pitwall.evals.datasets.synthesis.documents import read_documents
    from pitwall.evals.datasets.synthesis.making import Synthesizer
    from pitwall.evals.datasets.synthesis.simulated import register_rule
    from pitwall.llm.budget import BudgetLimits
    from pitwall.llm.models import ModelsPlan, open_models
    from pitwall.llm.profiles import chosen_profile
    from pitwall.llm.types import Api
    from pitwall.settings import load_settings

    settings = load_settings(environ=target.environ, config=target.config, flags=target.setting_flags())
    judge = chosen_profile(settings, target.environ, profile, config=target.config).judge
    if judge.api is Api.SIMULATED:
        click.echo(_SIMULATED.say(choose_language(target.environ)), err=True)
        register_rule()
    documents = read_documents(path)
    project = target.project or _DEFAULT_PROJECT

    async def run(store: StateStore | None) -> Synthesis:
        asked = ModelsPlan(judge, project_id=project, budget=BudgetLimits(max_calls=max_calls))
        async with open_models(asked, store) as models:
            with _shown(plan.count) as told:
                return await Synthesizer(models, judge.model, plan, told).make(documents)

    with _call_store(target, settings, project) as store:
        return asyncio.run(run(store))


@contextmanager
def _call_store(target: Target, settings: Settings, project: str) -> Iterator[StateStore | None]:
    """Yield where calls are kept, so that asking again costs nothing; None beside a server elsewhere."""
    if target.url is not None:
        yield None
        return
    from pitwall.stores.state import Projects, StateStore  # an extra

    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = StateStore(settings.state_url).open()
    try:
        with store.session(read_only=True) as session:
            Projects(session).get(project)
        yield store
    finally:
        store.close()


def _tell(answer: dict[str, Any], made: Synthesis, language: Language) -> None:
    told = {"name": answer["dataset"]["name"], "number": answer["version"]["number"]}
    count, counts = len(made.examples), made.counts
    click.echo(_MADE.say(language, **told, count=count, asked=counts.asked), err=True)
    for reason, number in counts.dropped.items():
        click.echo(_DROPPED.say(language, count=number, why=_REASONS[reason].say(language)), err=True)
    for failure, number in counts.failed.items():
        click.echo(_FAILED.say(language, count=number, why=failure), err=True)


@contextmanager
def _shown(count: int) -> Iterator[Callable[[SynthesisCounts], None]]:
    """Yield what draws a bar on a terminal, and nothing anywhere else."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task("questions", total=count)
        yield lambda counts: bars.update(task, completed=counts.kept)
