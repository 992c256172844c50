"""Measure Pitwall against its budgets; prints a table of claim, size, bar and figure, and can write JSON.

    python benchmarks/run.py                                   every default benchmark, full size
    python benchmarks/run.py ingest --json build/bench/ingest.json
    python benchmarks/run.py ingest.burst queries --quick      small sizes, to see that they work
    python benchmarks/run.py --peers                           beside other products
    python benchmarks/run.py --all                             every benchmark there is: a bar for each claim

Each step's record goes to a JSON file as soon as the step is done: FILE, or `results.json` (`quick.json`) in
the work directory. `--resume` skips the steps that the file has at the same size. Nothing here passes or
fails by time: the exit code is 1 only if a step could not be run.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import (
    bench_alerts,
    bench_anomaly,
    bench_comparison,
    bench_datasets,
    bench_eval,
    bench_eval_peers,
    bench_groundedness,
    bench_ingest,
    bench_jsonl,
    bench_memory,
    bench_parts,
    bench_peers,
    bench_queries,
    bench_startup,
    bench_trackers,
    bench_ui,
)
from benchmarks.harness.registry import ROOT, Context, Step, choose, describe_machine, run_step
from benchmarks.harness.results import Report, render

STEPS: tuple[Step, ...] = (
    *bench_startup.STEPS,
    *bench_parts.STEPS,
    *bench_jsonl.STEPS,
    *bench_ingest.STEPS,
    *bench_queries.STEPS,
    *bench_ui.STEPS,
    *bench_memory.STEPS,
    *bench_alerts.STEPS,
    *bench_anomaly.STEPS,
    *bench_eval.STEPS,
    *bench_groundedness.STEPS,
    *bench_datasets.STEPS,
    *bench_comparison.STEPS,
    *bench_peers.STEPS,
    *bench_eval_peers.STEPS,
    *bench_trackers.STEPS,
)
PEERS = "peers"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    options = _parser().parse_args(arguments)
    if options.list:
        for step in STEPS:
            named = "" if step.is_default else " (if named, or with --all)"
            print(f"{step.name:20} {step.minutes:5.1f} min  {step.title}{named}")
        return 0
    try:
        names = [*options.names, *([PEERS] if options.peers else [])]
        steps = choose(STEPS, names, is_all=options.all)
    except LookupError as error:
        print(error.args[0], file=sys.stderr)
        return 2
    context = Context(options.quick, options.work_dir.absolute())
    path = options.json or context.work_dir / ("quick.json" if options.quick else "results.json")
    return measure(steps, context, path, resume=options.resume)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="benchmarks or their parts; see --list")
    parser.add_argument("--list", action="store_true", help="name every step")
    parser.add_argument("--quick", action="store_true", help="small sizes: proves that it runs, nothing else")
    parser.add_argument(
        "--peers", action="store_true", help="measure beside other products, in this same run"
    )
    parser.add_argument("--all", action="store_true", help="measure what takes long and the peers too")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where records go, step by step")
    parser.add_argument("--resume", action="store_true", help="skip the steps that FILE has already")
    parser.add_argument(
        "--work-dir", type=Path, default=ROOT / "build" / "bench", help="where data sets are kept"
    )
    return parser


def measure(steps: Sequence[Step], context: Context, path: Path, *, resume: bool) -> int:
    """Run steps one after the other, keep their records in a file, print the table; returns the exit code."""
    report = Report(describe_machine())
    report.load(path)
    for step in steps:
        done = report.steps.get(step.name)
        if resume and done and not done.error and done.is_quick == context.is_quick:
            context.say(f"{step.name}: measured before, at {done.commit}")
            continue
        time = "small size" if context.is_quick else f"about {step.minutes:g} min"
        context.say(f"{step.name}: {step.title} ({time})")
        report.add(run_step(step, context))
        report.save(path)
    records = [report.steps[step.name] for step in steps]
    print(", ".join(f"{name} {value}" for name, value in report.machine.items()))
    print(render(records))
    print(f"\nWritten to {path}")
    return int(any(record.error for record in records))


if __name__ == "__main__":
    sys.exit(main())
