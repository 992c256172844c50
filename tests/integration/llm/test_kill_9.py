"""`kill -9` at any point: no answer that was shown is asked for again."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from pitwall.llm.repository import Calls
from pitwall.stores.state import DEFAULT_PROJECT, StateStore
from tests.integration.llm import killed_run
from tests.support.judge_server import JudgeServer, after

QUESTIONS = 60
KILLS = 8
ROOT = Path(__file__).resolve().parents[3]


def start(judge: JudgeServer, address: str) -> subprocess.Popen[str]:
    """Start the run in a process of its own."""
    command = [sys.executable, "-m", killed_run.__name__, judge.openai_url, address, str(QUESTIONS)]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environ)


def numbers_asked(judge: JudgeServer) -> Counter[int]:
    """How often the judge was asked each question."""
    found = (re.search(r"claim (\d+)", asked.text) for asked in judge.chats)
    return Counter(int(match[1]) for match in found if match)


@pytest.mark.slow
def test_no_answer_that_was_shown_is_asked_for_again(judge: JudgeServer, any_store: StateStore) -> None:
    """Killed at random points and started again until it ends, a run repeats only what nobody was shown."""
    judge.rule = after(0.03)
    address = any_store.address
    chance = random.Random(any_store.address.partition(":")[0])
    shown: set[int] = set()
    for _ in range(KILLS):
        before = numbers_asked(judge)
        with start(judge, address) as run:
            assert run.stdout is not None
            wanted = len(shown) + chance.randint(1, QUESTIONS // KILLS)
            lines = [int(line) for line in (run.stdout.readline() for _ in range(wanted)) if line]
            time.sleep(chance.random() * 0.05)
            run.send_signal(signal.SIGKILL)
            rest = [int(line) for line in run.stdout.read().split()]
        again = numbers_asked(judge) - before
        assert not again.keys() & shown
        shown.update(lines, rest)
    with start(judge, address) as run:
        out, _ = run.communicate(timeout=120)
    assert run.returncode == 0
    assert sorted(map(int, out.split())) == list(range(QUESTIONS))
    with any_store.session(read_only=True) as session:
        assert Calls(session, DEFAULT_PROJECT).count("run_1") == QUESTIONS
