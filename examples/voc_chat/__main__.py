"""`python -m examples.voc_chat --port 8500`: run the service."""

from __future__ import annotations

import argparse
import sys

import uvicorn

from examples.voc_chat.app import create_app
from pitwall.core.errors import PitwallError


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m examples.voc_chat", description="VOC chat: a small RAG service."
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8500)
    options = parser.parse_args()
    try:
        app = create_app()
    except PitwallError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    uvicorn.run(app, host=options.host, port=options.port, log_level="warning", timeout_graceful_shutdown=5)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
