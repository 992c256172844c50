"""A run in a process of its own that says of every answer that it was shown; a test kills it."""

from __future__ import annotations

import asyncio
import sys

from pitwall.llm.models import ModelsPlan, open_models
from pitwall.llm.types import Api, ModelEndpoint
from pitwall.stores.state import StateStore
from tests.integration.llm.asking import Verdicts, question


async def run(url: str, address: str, questions: int) -> None:
    """Ask questions, at most eight at once, and print the number of each that was answered."""
    state = StateStore(address).open()
    endpoint = ModelEndpoint(Api.OPENAI, "judge", url, concurrency=8)
    async with open_models(ModelsPlan(endpoint, run_id="run_1"), state) as models:

        async def ask(number: int) -> None:
            await models.ask(question(f"claim {number}"), Verdicts)
            print(number, flush=True)  # noqa: T201 - read by the test

        await asyncio.gather(*(ask(number) for number in range(questions)))
    state.close()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], sys.argv[2], int(sys.argv[3])))
