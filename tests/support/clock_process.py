"""`pitwall` with a wall clock that a test moves: the seconds in the file `$CLOCK_FILE` are added to the time.

CLOCK_FILE=offset python -m tests.support.clock_process up --data-dir ...
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from pitwall.cli.main import main
from pitwall.kit.clock import NANOS_PER_SECOND, SystemClock
from pitwall.server import serve


class MovedClock(SystemClock):
    """The machine's clock; its wall time is off by what the file says, its monotonic time is right."""

    __slots__ = ("_file",)

    def __init__(self) -> None:
        self._file = Path(os.environ["CLOCK_FILE"])

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self._offset())

    def unix_nano(self) -> int:
        return super().unix_nano() + self._offset() * NANOS_PER_SECOND

    def _offset(self) -> int:
        return int(self._file.read_text() or 0)


if __name__ == "__main__":
    with patch.object(serve, "SystemClock", MovedClock):
        main()
