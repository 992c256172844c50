"""What a terminal shows of a run: the estimate before, the progress meanwhile, the result after."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from pitwall.evals.datasets.types import Imported
from pitwall.evals.retrievers.types import RetrieverPlan
from pitwall.evals.runs.preparing import PreparedRun
from pitwall.evals.runs.results_table import METRIC_COLUMNS, metric_rows, verdict_lines
from pitwall.evals.runs.runner import Runner
from pitwall.evals.runs.tracking import Tracker
from pitwall.evals.runs.types import EvalRun, Progress
from pitwall.evals.runs.wire import resume_command
from pitwall.evals.trackers.telling import link_lines
from pitwall.kit.cli_output import OutputFormat, emit
from pitwall.kit.i18n import Language, Text
from pitwall.kit.money import format_usd, usd
from pitwall.llm.embedding import TEXTS_PER_REQUEST

_IMPORTED = Text(
    "Kept {count} examples as {name}@{number}.",
    "예제 {count}개를 {name}@{number}(으)로 저장했습니다.",
    "Kept 1 example as {name}@{number}.",
)
_SKIPPED = Text(
    "Left out {count} that are no examples; the first: {first}",
    "예제가 아닌 {count}개를 제외했습니다. 첫 항목: {first}",
)
_PLAN = Text(
    "{count} cases of {dataset}, judged by {metrics}.",
    "{dataset}의 케이스 {count}개를 {metrics}(으)로 평가합니다.",
    "1 case of {dataset}, judged by {metrics}.",
)
_CALLS = Text(
    "At most {calls} model calls to {model}, about {tokens} tokens, {cost}{pace}.",
    "{model} 모델 호출 최대 {calls}회, 약 {tokens} 토큰, {cost}{pace}.",
)
_TIME = Text(
    ", about {clock} at the pace of the last run with it", ", 이 모델로 마지막에 실행한 속도면 약 {clock}"
)
_PROMPTS = Text("Prompts of your own: {names}.", "직접 쓴 프롬프트: {names}.")
_UNUSED_PROMPTS = Text(
    "No metric of the run asks with these prompts of the file: {names}.",
    "파일의 다음 프롬프트는 이 실행의 어떤 지표도 쓰지 않습니다: {names}.",
)
_RETRIEVER = Text(
    "Contexts by {kind}: {top_k} of {passages} passages out of {documents} documents, for {cases} cases.",
    "컨텍스트 검색 {kind}: 문서 {documents}개의 구절 {passages}개 중 {top_k}개씩, 케이스 {cases}개.",
)
_KEEP = Text(
    "{count} cases keep the contexts that they have.",
    "케이스 {count}개는 가지고 있는 컨텍스트를 그대로 씁니다.",
    "1 case keeps the contexts that it has.",
)
_REPLACED = Text(
    "The contexts of {count} cases are replaced.",
    "케이스 {count}개의 컨텍스트를 바꿉니다.",
    "The contexts of 1 case are replaced.",
)
_VECTORS = Text(
    "Vectors come from {model}: at most {calls} further calls; those that are kept are not asked for again.",
    "벡터는 {model}에서 받습니다. 추가 호출 최대 {calls}회이며, 보존된 벡터는 다시 묻지 않습니다.",
)
_NO_PRICE = Text("price unknown", "가격 미확인")
_NO_CALLS = Text("No model is asked.", "모델을 호출하지 않습니다.")
_RUN = Text("Run {id}", "실행 {id}")
_INTERRUPTED = Text(
    "Interrupted; what was judged is kept. Go on with: {command}",
    "중단했습니다. 평가한 결과는 보존했습니다. 이어서 실행: {command}",
)
_ANALYSED = Text("Analysed: {paths}.", "분석 결과를 저장했습니다: {paths}.")
_SENDING = Text("{tracker}: {cases} cases sent", "{tracker}: 케이스 {cases}개 전송")
_DONE = Text("cases", "케이스")
_LINE_SECONDS = 10.0
_REFRESH_SECONDS = 0.25

Watch = Callable[[Tracker, Runner], None]


class Terminal:
    """Speaks of a run on stderr; the result goes to stdout."""

    def __init__(self, language: Language) -> None:
        self._language = language

    @property
    def language(self) -> Language:
        """What it speaks."""
        return self._language

    def imported(self, imported: Imported) -> None:
        """Say what became of a file."""
        version = imported.version
        if imported.is_new:
            self._say(
                _IMPORTED, count=version.example_count, name=imported.dataset.name, number=version.number
            )
        if imported.skipped_count:
            first = imported.skipped[0].say().say(self._language)
            self._say(_SKIPPED, count=imported.skipped_count, first=first)

    def announce(self, prepared: PreparedRun) -> None:
        """Say what a run will take, before it begins."""
        plan, dataset, expected = prepared.plan, prepared.dataset, prepared.expected
        names = ", ".join(metric.name for metric in plan.metrics)
        self._say(_PLAN, count=expected.cases, dataset=dataset.name, metrics=names)
        self._tell_prompts(prepared)
        self._announce_retriever(prepared)
        if plan.judge is None:
            self._say(_NO_CALLS)
            return
        if not expected.calls and RetrieverPlan.of(plan.target) is not None:
            return  # vectors are all that is asked for, and they were announced
        unknown = _NO_PRICE.say(self._language)
        cost = unknown if expected.cost_usd is None else f"~{format_usd(usd(round(expected.cost_usd, 4)))}"
        tokens = expected.input_tokens + expected.output_tokens
        seconds = expected.seconds
        pace = "" if seconds is None else _TIME.say(self._language, clock=_clock(seconds))
        model = plan.judge.model
        self._say(_CALLS, calls=expected.calls, model=model, tokens=tokens, cost=cost, pace=pace)

    def _tell_prompts(self, prepared: PreparedRun) -> None:
        unused = prepared.unused_prompts
        used = [name for name in prepared.prompts.replaced if name not in unused]
        if used:
            self._say(_PROMPTS, names=", ".join(used))
        if unused:
            self._say(_UNUSED_PROMPTS, names=", ".join(unused))

    def _announce_retriever(self, prepared: PreparedRun) -> None:
        """Say whose contexts are found, and whose stay; nothing is replaced without a word."""
        retriever = RetrieverPlan.of(prepared.plan.target)
        if retriever is None:
            return
        dataset, judge = prepared.dataset, prepared.plan.judge
        most, has = prepared.expected.cases, min(dataset.with_contexts, prepared.expected.cases)
        cases = most if retriever.replaces else min(dataset.cases - dataset.with_contexts, most)
        top_k = min(retriever.top_k, retriever.passages)
        self._say(_RETRIEVER, **{**retriever.json(), "top_k": top_k, "cases": cases})
        if has:
            self._say(_REPLACED if retriever.replaces else _KEEP, count=has)
        if retriever.kind.needs_vectors and judge is not None:
            calls = -(-retriever.passages // TEXTS_PER_REQUEST) + cases
            self._say(_VECTORS, model=judge.embedding_model, calls=calls)

    def begin(self, run: EvalRun) -> None:
        """Say which run it is, so that it can be found again whatever happens."""
        self._say(_RUN, id=run.id)

    def interrupted(self, run: EvalRun) -> None:
        """Say how to go on."""
        self._say(_INTERRUPTED, command=resume_command(run))

    @contextmanager
    def watching(self, run: EvalRun) -> Iterator[Watch]:
        """Show how far a run is: a live line on a terminal, else a line now and then."""
        shown = _Shown(run, self._language)
        thread = threading.Thread(target=shown.run, name="pitwall-progress", daemon=True)
        thread.start()
        try:
            yield shown.watch
        finally:
            shown.stop()
            thread.join()

    def show(self, view: Mapping[str, Any], output: OutputFormat) -> None:
        """Write what came of a run."""
        rows = metric_rows(view, self._language) if output is OutputFormat.TABLE else [view]
        emit(rows, METRIC_COLUMNS, output, payload=view)
        if output is OutputFormat.TABLE:
            for line in verdict_lines(view, self._language):
                click.echo(line, err=True)

    def analysed(self, paths: Sequence[Path]) -> None:
        """Say where the analysis of a run is."""
        self._say(_ANALYSED, paths=", ".join(map(str, paths)))

    def sending(self, tracker: str, cases: int) -> None:
        """Say how many cases a tracker has."""
        self._say(_SENDING, tracker=tracker, cases=cases)

    def tracked(self, links: Sequence[dict[str, Any]]) -> None:
        """Say what became of a run at trackers."""
        for line in link_lines(links, self._language):
            click.echo(line, err=True)

    def _say(self, text: Text, **values: Any) -> None:
        click.echo(text.say(self._language, **values), err=True)


class _Shown:
    """Tells of the progress of one run, from a thread of its own."""

    def __init__(self, run: EvalRun, language: Language) -> None:
        self._run = run
        self._language = language
        self._over = threading.Event()
        self._watched: tuple[Tracker, Runner] | None = None
        self._started = time.monotonic()
        self._first_done: int | None = None

    def watch(self, tracker: Tracker, runner: Runner) -> None:
        self._watched = (tracker, runner)

    def stop(self) -> None:
        self._over.set()

    def run(self) -> None:
        is_live = sys.stderr.isatty()
        seconds = _REFRESH_SECONDS if is_live else _LINE_SECONDS
        while not self._over.wait(seconds):
            if (line := self._line()) is not None:
                sys.stderr.write(f"\r\x1b[2K{line}" if is_live else f"{line}\n")
                sys.stderr.flush()
        if is_live:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()

    def _line(self) -> str | None:
        if self._watched is None:
            return None
        tracker, runner = self._watched
        return progress_line(
            tracker.progress(), runner.means(), time.monotonic() - self._started, self._language
        )


def progress_line(
    progress: Progress, means: dict[str, tuple[float, int]], seconds: float, language: Language
) -> str:
    """How far a run is, in one line: cases, rate, time left, spend, and means so far."""
    done, total = progress.cases_done, progress.cases
    rate = done / seconds if seconds > 0 else 0.0
    parts = [f"{done}/{total} {_DONE.say(language)}", f"{rate:.1f}/s"]
    if 0 < done < total and rate > 0:
        parts.append(f"ETA {_clock((total - done) / rate)}")
    if progress.calls:
        parts.append(f"{progress.calls_made}+{progress.calls_from_store}/{progress.calls} calls")
    if progress.failed_calls:
        parts.append(f"{progress.failed_calls} failed")
    if progress.cost_usd is not None:
        parts.append(format_usd(usd(round(progress.cost_usd, 6))))
    parts += [f"{name} {mean:.3f} (n={count})" for name, (mean, count) in list(means.items())[:3]]
    return " · ".join(parts)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
