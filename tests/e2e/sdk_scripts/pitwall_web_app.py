"""A web application with Pitwall's SDK: request ids, JSON logs, a whole RAG request, a score."""

from __future__ import annotations

import asyncio

import httpx
import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import pitwall

client = pitwall.init(service="shop-web", environment="staging", version="1.2.3")
pitwall.configure_logging()
log = structlog.get_logger("shop")
CALLER = {
    "x-request-id": "request-42",
    "x-company-id": "acme",
    "x-user-id": "user-7",
    "x-session-id": "session-9",
}


async def chat(request: Request) -> Response:
    """Answer a question as a RAG service does."""
    question = (await request.json())["question"]
    with pitwall.cache_lookup(name="embedding", key="question") as look:
        look.hit(False)
    with pitwall.embedding(model="text-embedding-3-small", provider="openai") as embedding:
        embedding.set_usage(input_tokens=7)
    with pitwall.retrieval(query=question, top_k=3) as search:
        search.set_documents([{"id": "refund", "score": 0.9, "content": "영업일 3일"}])
    with pitwall.llm_call(model="gpt-4o-mini", provider="openai", input=question) as call:
        call.set_output("영업일 3일입니다.")
        call.set_usage(input_tokens=1000, output_tokens=200)
    pitwall.score("grounded", True, explanation="문서에 있는 문장")
    log.info("answered", documents=1)
    return JSONResponse({"answer": "영업일 3일입니다."})


async def ask() -> httpx.Response:
    """Call the application as a browser does."""
    app = pitwall.RequestContextMiddleware(Starlette(routes=[Route("/chat", chat, methods=["POST"])]))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as browser:
        return await browser.post("/chat", json={"question": "환불은 며칠 걸리나요?"}, headers=CALLER)


answer = asyncio.run(ask())
log.info("returned", request_id=answer.headers["x-request-id"])
assert client.flush()
