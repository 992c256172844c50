"""A gate between threads that many pass together and one passes alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """Lets work that may overlap run together, and work that may not run by itself.

    Whoever wants to pass alone goes before those who come after it, so that it is not kept waiting for ever.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._together = 0
        self._is_closed = False

    @contextmanager
    def together(self) -> Iterator[None]:
        """Pass with others; waits while somebody is alone or waits to be."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_closed)
            self._together += 1
        try:
            yield
        finally:
            with self._changed:
                self._together -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Pass alone; waits until everybody else is through."""
        with self._changed:
            self._changed.wait_for(lambda: not self._is_closed)
            self._is_closed = True
            self._changed.wait_for(lambda: not self._together)
        try:
            yield
        finally:
            with self._changed:
                self._is_closed = False
                self._changed.notify_all()
