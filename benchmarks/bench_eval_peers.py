"""A run of faithfulness in Pitwall, Ragas and DeepEval in the same minutes: same cases, same judge.

Each product runs with its own defaults in a process of its own, sixteen at once: Pitwall and Ragas so many
calls, DeepEval so many cases. Ragas asks twice a case as Pitwall does, DeepEval four times.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.bench_eval import run_pitwall
from benchmarks.harness.judged import (
    CASES,
    CONCURRENCY,
    DELAY_SECONDS,
    Judge,
    Used,
    measure_process,
    running_judge,
    write_dataset,
)
from benchmarks.harness.peers import provide
from benchmarks.harness.registry import ROOT, Context, NotMeasured, Step
from benchmarks.harness.results import Figure

_ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class Judging:
    """A product that judges: its lock and program carry its name."""

    name: str
    version: str
    environment: dict[str, str]

    @property
    def key(self) -> str:
        """Name of its files."""
        return self.name.lower()


RAGAS: Final = Judging("Ragas", "0.4.3", {"RAGAS_DO_NOT_TRACK": "true"})
DEEPEVAL: Final = Judging(
    "DeepEval",
    "4.3.1",
    {"DEEPEVAL_TELEMETRY_OPT_OUT": "YES", "DEEPEVAL_NO_INSPECT_PROMPT": "1", "DEEPEVAL_DISABLE_DOTENV": "1"},
)

Run = Callable[[], tuple[Used, Judge]]


def measure(context: Context) -> list[Figure]:
    """Run the products in turn; medians of wall time, of the run in it, of processor time, and the peaks."""
    cases, directory = context.size(CASES, 24), context.directory("eval-peers")
    runs: dict[str, Run] = {"Pitwall": lambda: run_pitwall(context.directory("eval"), cases)}
    absent = list[str]()
    for peer in (RAGAS, DEEPEVAL):
        try:
            python = _python(context, peer)
        except NotMeasured as reason:
            absent.append(str(reason))
            continue
        runs[f"{peer.name} {peer.version}"] = _runs(peer, python, directory, cases)
    if len(runs) == 1:
        raise NotMeasured("; ".join(absent))
    rounds: dict[str, list[tuple[Used, Judge]]] = {name: [] for name in runs}
    for number in range(context.size(_ROUNDS, 1)):
        for name, run in runs.items():
            rounds[name].append(run())
        latest = ", ".join(f"{name} {found[-1][0].wall_seconds:.1f}" for name, found in rounds.items())
        context.say(f"round {number + 1}: {latest} s")
    return [figure for name, found in rounds.items() for figure in _figures(name, cases, found)]


def _python(context: Context, peer: Judging) -> Path:
    context.say(f"providing {peer.name} {peer.version}")
    return provide(peer.key, ROOT / "requirements" / "peers" / f"{peer.key}.txt") / "bin" / "python"


def _runs(peer: Judging, python: Path, directory: Path, cases: int) -> Run:
    program = ROOT / "benchmarks" / "peers" / f"{peer.key}_faithfulness.py"

    def run() -> tuple[Used, Judge]:
        dataset = write_dataset(directory / "qa.json", cases)
        with running_judge() as judge:
            command = [str(python), str(program), str(dataset), judge.base_url, str(CONCURRENCY)]
            used = measure_process(command, peer.environment, directory)
        if used.said["scored"] != cases:
            raise AssertionError(f"{peer.name} scored {used.said['scored']} of {cases} cases")
        return used, judge

    return run


def _figures(name: str, cases: int, rounds: list[tuple[Used, Judge]]) -> list[Figure]:
    size = f"{cases} cases, {CONCURRENCY} at once, judge {DELAY_SECONDS * 1000:.0f} ms, {len(rounds)} rounds"
    used, judge = [one for one, _ in rounds], rounds[-1][1]
    inside = statistics.median(_seconds(one) for one in used)
    calls = judge.counts["calls"]
    floor = calls * DELAY_SECONDS / CONCURRENCY
    note = (
        f"{calls} calls, at most {judge.counts['most_at_once']} at once, floor {floor:.2f} s; the run in it "
        f"{inside:.2f} s; rounds {', '.join(f'{one.wall_seconds:.1f}' for one in used)}"
    )
    wall, cpu = (
        statistics.median(values)
        for values in ([one.wall_seconds for one in used], [one.cpu_seconds for one in used])
    )
    return [
        Figure(f"{name}, the whole command's wall time", size, "s", wall, note=note),
        Figure(f"{name}, processor time", size, "s", cpu),
        Figure(f"{name}, peak memory", size, "MB", max(one.peak_mb for one in used)),
    ]


def _seconds(used: Used) -> float:
    """How long the run itself took, without start and imports, as each product's program says."""
    said = used.said
    return float(said["progress"]["seconds"] if "progress" in said else said["seconds"])


STEPS: Final = (
    Step(
        "peers.eval",
        "a run of faithfulness in Pitwall, Ragas and DeepEval in the same minutes",
        measure,
        8,
        is_default=False,
    ),
)
