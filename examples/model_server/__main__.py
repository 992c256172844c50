"""`python -m examples.model_server`: run the simulator; prints one JSON line with its address when ready."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import socket
import sys

import uvicorn

from examples.model_server.app import NOTICE, create_app
from examples.model_server.engine import SimulatorConfig
from examples.model_server.latency import LatencyProfile


def main() -> int:
    options = _parse_options()
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((options.host, options.port))
        except OSError as error:
            print(f"Cannot listen on {options.host}:{options.port} ({error}); use --port 0.", file=sys.stderr)
            return 1
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_serve(listener, _config(options)))
    return 0


async def _serve(listener: socket.socket, config: SimulatorConfig) -> None:
    logging.getLogger("uvicorn.error").addFilter(_is_not_a_cut)
    settings = uvicorn.Config(
        create_app(config), log_level="warning", lifespan="off", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(settings)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has a flag, no event
        await asyncio.sleep(0.01)
    if server.started:
        _announce(listener, config)
    await serving


def _announce(listener: socket.socket, config: SimulatorConfig) -> None:
    host, port = listener.getsockname()[:2]
    print(f"*** SIMULATED *** {NOTICE}", file=sys.stderr)
    print(
        "*** 시뮬레이션 *** 실제 언어 모델이 아닙니다. 주어진 문서의 문장을 그대로 답합니다.", file=sys.stderr
    )
    models = [*config.chat_models, *config.embedding_models]
    print(json.dumps({"address": f"http://{host}:{port}", "simulated": True, "models": models}), flush=True)


def _is_not_a_cut(record: logging.LogRecord) -> bool:
    """A cut connection is a fault asked for, not an error of the server."""
    return "returned without completing response" not in record.getMessage()


def _parse_options() -> argparse.Namespace:
    profile, default = LatencyProfile(), SimulatorConfig()
    parser = argparse.ArgumentParser(prog="python -m examples.model_server", description=NOTICE)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=11434, help="0 takes a free port (default: 11434)")
    parser.add_argument(
        "--model", action="append", help=f"chat model, repeatable (default: {default.chat_models})"
    )
    parser.add_argument(
        "--embed-model", action="append", help=f"repeatable (default: {default.embedding_models})"
    )
    parser.add_argument(
        "--first-token-ms", type=float, default=profile.first_token_ms, help="median; 0 is no wait"
    )
    parser.add_argument(
        "--per-token-ms", type=float, default=profile.per_token_ms, help="median; 0 is no wait"
    )
    parser.add_argument(
        "--embedding-ms", type=float, default=profile.embedding_ms, help="median; 0 is no wait"
    )
    parser.add_argument("--sigma", type=float, default=profile.sigma, help="spread of the lognormal waits")
    parser.add_argument("--seed", type=int, default=default.seed)
    return parser.parse_args()


def _config(options: argparse.Namespace) -> SimulatorConfig:
    default = SimulatorConfig()
    return SimulatorConfig(
        chat_models=tuple(options.model or default.chat_models),
        embedding_models=tuple(options.embed_model or default.embedding_models),
        latency=LatencyProfile(
            options.first_token_ms, options.per_token_ms, options.embedding_ms, options.sigma
        ),
        seed=options.seed,
    )


if __name__ == "__main__":
    raise SystemExit(main())
