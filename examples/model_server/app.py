"""The ASGI application: both APIs, the fault switches and the `x-simulated` mark on every response."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from examples.model_server.engine import ApiError, Simulator, SimulatorConfig
from examples.model_server.ollama_api import OllamaApi
from examples.model_server.openai_api import OpenAiApi
from examples.model_server.wire import JsonResponse, read_object
from pitwall.core.errors import InvalidInput

NOTICE = "Pitwall model simulator: not a language model. Answers are copied from the given context."


def create_app(config: SimulatorConfig) -> Starlette:
    """Build the server; its state (faults, random generators) lives in the application."""
    simulator = Simulator(config)
    routes = [
        Route("/", _notice),
        *OllamaApi(simulator).routes(),
        *OpenAiApi(simulator).routes(),
        *_FaultSwitches(simulator).routes(),
    ]
    handlers = {ApiError: _api_error, InvalidInput: _invalid_input}
    return Starlette(routes=routes, middleware=[Middleware(SimulatedMark)], exception_handlers=handlers)


class SimulatedMark:
    """Adds `x-simulated: true` to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["x-simulated"] = "true"
            await send(message)

        await self._app(scope, receive, send_marked)


class _FaultSwitches:
    def __init__(self, simulator: Simulator) -> None:
        self._faults = simulator.faults

    def routes(self) -> list[Route]:
        path = "/__simulator__/faults"
        return [
            Route(path, self.switch_on, methods=["POST"]),
            Route(path, self.show, methods=["GET"]),
            Route(path, self.clear, methods=["DELETE"]),
        ]

    async def switch_on(self, request: Request) -> Response:
        self._faults.add(await read_object(request))
        return JsonResponse({"faults": self._faults.listing()}, status_code=201)

    async def show(self, request: Request) -> Response:
        return JsonResponse({"faults": self._faults.listing()})

    async def clear(self, request: Request) -> Response:
        return JsonResponse({"cleared": self._faults.clear()})


async def _notice(_: Request) -> Response:
    return PlainTextResponse(NOTICE)


async def _api_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    if request.url.path.startswith("/v1/"):
        detail = {"message": error.message, "type": error.code, "param": None, "code": error.code}
        return JsonResponse({"error": detail}, status_code=error.status, headers=error.headers)
    return JsonResponse({"error": error.message}, status_code=error.status, headers=error.headers)


async def _invalid_input(_: Request, error: Exception) -> Response:
    return JsonResponse({"error": str(error)}, status_code=InvalidInput.http_status)
