"""A FastAPI application with all guards of the SDK: rate limits, profiles, health checks, its own errors."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time

import httpx
from fastapi import FastAPI
from starlette.responses import JSONResponse

import pitwall

MODELS = os.environ["MODEL_URL"]
client = pitwall.init(service="shop-guarded")
app = FastAPI()
app.include_router(
    pitwall.health_router(
        {
            "llm": pitwall.check_ollama(MODELS, os.environ["MODEL"]),
            "disk": pitwall.HealthCheck(pitwall.check_disk("/", 0.0, 0.0)),
            "gpu": pitwall.HealthCheck(pitwall.check_gpu(command="no-such-driver"), required=False),
        }
    )
)
app.add_middleware(pitwall.ProfileMiddleware, slower_than_ms=50, sample_ratio=1.0, interval_ms=1)
app.add_middleware(
    pitwall.RateLimitMiddleware,
    limits=[pitwall.RateLimit("3/minute", by="user", paths=["/slow"], name="per user")],
)
app.add_middleware(pitwall.RequestContextMiddleware)


def rank_documents() -> int:
    """Where the time of the slow request goes."""
    end = time.perf_counter() + 0.1
    rounds = 0
    while time.perf_counter() < end:
        rounds += sum(range(300))
    return rounds


@app.get("/slow")
async def slow() -> dict[str, int]:
    return {"rounds": rank_documents()}


@app.get("/refused")
async def refused() -> JSONResponse:
    with pitwall.llm_call(model="m", provider="p") as call:
        call.set_error(pitwall.GuardrailError("personal data in the question", severity="warning"))
    return JSONResponse({"answer": None})


async def run() -> dict[str, object]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as browser:
        caller = {"x-user-id": "kim"}
        answers = [await browser.get("/slow", headers=caller) for _ in range(5)]
        await browser.get("/refused")
        health = await browser.get("/health")
        return {
            "statuses": [answer.status_code for answer in answers],
            "retry_after": int(answers[-1].headers["retry-after"]),
            "health": {"status": health.status_code, **health.json()},
        }


seen = asyncio.run(run())
assert client.flush()
sys.stdout.write(json.dumps({**seen, "exported": client.tally().exported}) + "\n")
