"""`python -m examples.voc_chat.traffic`: customers who ask questions in sessions and think in between.

Bounded by --seconds and --requests, stopped by SIGTERM or Ctrl-C; a summary goes to stdout as one JSON line.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import signal
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

QUESTIONS = Path(__file__).parent / "questions.json"
COMPANIES = ("hanbit-direct", "hanbit-partners", "hanbit-b2b")


@dataclass(frozen=True, slots=True)
class TrafficPlan:
    """How much to ask. `rate`: at most so many questions per second, all users together; None: no limit."""

    url: str
    users: int = 4
    rate: float = 2.0
    max_seconds: float | None = None
    max_requests: int | None = None
    seed: int = 20261120


@dataclass(slots=True)
class Summary:
    """What came back; latencies of the last 100,000 questions."""

    requests: int = 0
    answered: int = 0
    unanswerable: int = 0
    fallbacks: int = 0
    errors: int = 0
    simulated: int = 0
    latencies_ms: deque[float] = field(default_factory=lambda: deque(maxlen=100_000))

    def count(self, answer: dict[str, Any] | None, latency_ms: float) -> None:
        """Count one answer of the service; None is an error."""
        self.requests += 1
        self.latencies_ms.append(latency_ms)
        if answer is None:
            self.errors += 1
            return
        self.fallbacks += answer["fallback"]
        self.simulated += answer["simulated"] is True
        self.answered += answer["answerable"] is True
        self.unanswerable += answer["answerable"] is False

    def as_dict(self) -> dict[str, Any]:
        """The summary for printing; latencies are None without a request."""
        ordered = sorted(self.latencies_ms)
        names = ("requests", "answered", "unanswerable", "fallbacks", "errors", "simulated")
        counts = {name: getattr(self, name) for name in names}
        return counts | {
            "p50_latency_ms": _quantile(ordered, 0.5),
            "p95_latency_ms": _quantile(ordered, 0.95),
        }


def read_sessions(path: Path = QUESTIONS) -> list[list[str]]:
    """The conversations of the question file: lists of questions asked one after the other."""
    sessions = json.loads(path.read_text(encoding="utf-8"))
    return [[question for question, _ in session] for session in sessions]


class Traffic:
    """Several users who take conversations from one stream until the plan is fulfilled."""

    def __init__(self, plan: TrafficPlan) -> None:
        self._plan = plan
        self._rng = random.Random(plan.seed)
        self._sessions = popular_first(read_sessions(), self._rng)
        self._stop = asyncio.Event()
        self._started = 0
        self.summary = Summary()

    def stop(self) -> None:
        """Ask nothing more; questions under way are finished."""
        self._stop.set()

    async def run(self) -> Summary:
        """Run to the end of the plan or until `stop`."""
        if self._plan.max_seconds is not None:
            asyncio.get_running_loop().call_later(self._plan.max_seconds, self.stop)
        async with httpx.AsyncClient(base_url=self._plan.url, timeout=60.0) as http:
            await asyncio.gather(*(self._user(http, number) for number in range(self._plan.users)))
        return self.summary

    async def _user(self, http: httpx.AsyncClient, number: int) -> None:
        company, user = COMPANIES[number % len(COMPANIES)], f"customer-{number + 1}"
        while await self._think():
            session_id = f"{user}-{self._rng.getrandbits(48):012x}"
            headers = {"x-user-id": user, "x-company-id": company, "x-session-id": session_id}
            for index, question in enumerate(next(self._sessions)):
                if index and not await self._think():
                    return
                if not self._take():
                    return
                body = {"question": question, "session_id": session_id, "company": company}
                await self._ask(http, body, headers)

    async def _ask(self, http: httpx.AsyncClient, body: dict[str, str], headers: dict[str, str]) -> None:
        started = time.perf_counter()
        try:
            response = await http.post("/voc/chat", json=body, headers=headers)
            answer = response.json() if response.is_success else None
        except (httpx.TransportError, json.JSONDecodeError):
            answer = None
        self.summary.count(answer, (time.perf_counter() - started) * 1000.0)

    def _take(self) -> bool:
        """Take one question from the budget."""
        limit = self._plan.max_requests
        if self._stop.is_set() or (limit is not None and self._started >= limit):
            self.stop()
            return False
        self._started += 1
        return True

    async def _think(self) -> bool:
        """Wait an exponential time that gives the plan's rate; False when it is time to stop."""
        wait_seconds = self._rng.expovariate(self._plan.rate / self._plan.users)
        try:
            await asyncio.wait_for(self._stop.wait(), wait_seconds)
        except TimeoutError:
            return True
        return False


def popular_first(sessions: list[list[str]], rng: random.Random) -> Iterator[list[str]]:
    """Conversations without end: the n-th most popular comes up 1/n as often as the first (Zipf's law)."""
    ranked = rng.sample(sessions, len(sessions))
    weights = [1 / rank for rank in range(1, len(ranked) + 1)]
    while True:
        yield from rng.choices(ranked, weights)


def _quantile(ordered: list[float], share: float) -> float | None:
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1) if ordered else None


async def _main(plan: TrafficPlan) -> Summary:
    traffic, loop = Traffic(plan), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, traffic.stop)
    return await traffic.run()


def main() -> int:
    default = TrafficPlan(url="http://127.0.0.1:8500")
    parser = argparse.ArgumentParser(prog="python -m examples.voc_chat.traffic", description=__doc__)
    parser.add_argument("--url", default=default.url)
    parser.add_argument("--users", type=int, default=default.users)
    parser.add_argument(
        "--rate", type=float, default=default.rate, help="questions per second, all users together"
    )
    parser.add_argument("--seconds", type=float, help="stop after this time")
    parser.add_argument("--requests", type=int, help="stop after so many questions")
    parser.add_argument("--seed", type=int, default=default.seed)
    options = parser.parse_args()
    if options.users < 1 or options.rate <= 0:
        parser.error("--users and --rate must be above 0")
    plan = TrafficPlan(
        options.url, options.users, options.rate, options.seconds, options.requests, options.seed
    )
    summary = asyncio.run(_main(plan))
    print(json.dumps(summary.as_dict()))
    if summary.requests and summary.errors == summary.requests:
        print(f"Every question failed; is the service running at {plan.url}?", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
