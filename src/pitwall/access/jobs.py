"""Background work of access."""

from __future__ import annotations

import threading

import structlog

from pitwall.access.service import AccessService
from pitwall.core.errors import PitwallError

log = structlog.get_logger(__name__)


class KeyUsageRecorder:
    """Writes now and then when keys were last used, so that no request has to.

    Args:
        access: Knows which keys were used.
        interval_seconds: Time between two writes.
    """

    name = "key_usage"

    def __init__(self, access: AccessService, *, interval_seconds: float = 30.0) -> None:
        self._access = access
        self._interval_seconds = interval_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pitwall-key-usage", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self, timeout_seconds: float) -> None:
        """Write what is left and end."""
        self._stopping.set()
        self._thread.join(timeout_seconds)

    def _run(self) -> None:
        is_last = False
        while not is_last:
            is_last = self._stopping.wait(self._interval_seconds)
            try:
                self._access.record_usage()
            except PitwallError as error:
                log.warning("key_usage.not_recorded", error=str(error))
