"""Every bar is measured by a make target, and `make help` says how long it takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks.harness.registry import choose
from benchmarks.run import STEPS, main

MAKEFILE = Path(__file__).resolve().parents[3] / "Makefile"
TARGETS = {"bench": choose(STEPS, []), "bench-peers": choose(STEPS, ["peers"]), "bench-all": list(STEPS)}


@pytest.mark.parametrize("target", TARGETS)
def test_help_says_what_a_target_takes(target: str) -> None:
    """The minutes are the sum of the steps', so that nobody starts two hours by mistake."""
    minutes = round(sum(step.minutes for step in TARGETS[target]) + 0.01)
    assert re.search(rf"^{target}: .*## .*about {minutes} min", MAKEFILE.read_text(), re.MULTILINE)


def test_all_steps_are_those_of_bench_all() -> None:
    """`--all` leaves out nothing, whatever else is named."""
    assert choose(STEPS, [], is_all=True) == choose(STEPS, ["peers"], is_all=True) == list(STEPS)
    assert "run.py --all" in MAKEFILE.read_text()


def test_help_names_what_bench_leaves_out() -> None:
    """Whoever runs `make bench` learns which bars it does not measure."""
    left_out = [step.name for step in STEPS if not step.is_default]
    (line,) = re.findall(r"^bench: .*$", MAKEFILE.read_text(), re.MULTILINE)
    assert all(name in line.partition("leaves out")[2] for name in left_out)


def test_list_marks_what_does_not_run_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """`--list` tells every step and its minutes."""
    assert main(["--list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert len(listed) == len(STEPS)
    assert [line.split()[0] for line in listed if "--all" in line] == [
        "signals",
        "memory",
        "alerts",
        "alerts.fresh",
        "anomaly",
        "groundedness",
        "peers",
        "peers.eval",
        "peers.trackers",
    ]
