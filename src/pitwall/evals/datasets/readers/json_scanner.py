"""Reads JSON value by value out of a text of any size."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn, TextIO

from pitwall.evals.datasets.errors import DatasetInvalid

_CHUNK = 1 << 20
MAX_VALUE = 64 << 20
"""Most characters of one value, such as an example."""
_SPACE = re.compile(r"[ \t\r\n]*")
# A text that was cut here is told as an error within so many characters of its end.
_CUT = 64
_NUMBER = "0123456789.eE+-"


class JsonScanner:
    """A position in a text of JSON.

    Args:
        text: The text, from the start.
        file: Its name, for problems.
    """

    def __init__(self, text: TextIO, file: str) -> None:
        self._text = text
        self._file = file
        self._buffer = ""
        self._position = 0
        self._is_at_end = False
        self._decoder = json.JSONDecoder(parse_constant=_constant)
        self.line = 1

    def peek(self) -> str:
        """The next character that is no blank; empty at the end."""
        while True:
            match = _SPACE.match(self._buffer, self._position)
            assert match is not None
            self._move(match.end())
            if self._position < len(self._buffer):
                return self._buffer[self._position]
            if not self._fill(_CHUNK):
                return ""

    def take(self, *characters: str) -> str:
        """Go past one of some characters.

        Raises:
            DatasetInvalid: Another one comes next.
        """
        found = self.peek()
        if found not in characters or not found:
            wanted = " or ".join(repr(one) for one in characters)
            self._fail(
                f"{wanted} is expected, not {found!r}" if found else f"{wanted} is expected, not the end"
            )
        self._move(self._position + 1)
        return found

    def finish(self) -> None:
        """Make sure that nothing else comes.

        Raises:
            DatasetInvalid: Something does.
        """
        found = self.peek()
        if found:
            self._fail(f"the end is expected, not {found!r}")

    def value(self) -> Any:
        """The next value, whole.

        Raises:
            DatasetInvalid: It is no JSON, or too large.
        """
        self.peek()
        size = _CHUNK
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._position)
            except json.JSONDecodeError as error:
                if self._is_broken(error) or not self._fill(size):
                    self.line += self._buffer.count("\n", self._position, error.pos)
                    self._fail(error.msg[:1].lower() + error.msg[1:])
                size *= 2
            except RecursionError:
                self._fail("it is nested too deeply")
            except ValueError as error:
                self._fail(str(error))
            else:
                if not self._may_go_on(value, end) or not self._fill(_CHUNK):
                    self._move(end)
                    return value

    def _may_go_on(self, value: Any, end: int) -> bool:
        """Whether it is a number that the piece may have cut: `1` of `1.5e3`."""
        left = len(self._buffer) - end
        if not isinstance(value, int | float) or left > _CUT:
            return False
        return left == 0 or self._buffer[end] in _NUMBER

    def _is_broken(self, error: json.JSONDecodeError) -> bool:
        """Whether more text would change nothing."""
        if len(self._buffer) - self._position > MAX_VALUE:
            return True
        return error.pos < len(self._buffer) - _CUT and not error.msg.startswith("Unterminated")

    def _move(self, position: int) -> None:
        self.line += self._buffer.count("\n", self._position, position)
        self._position = position

    def _fill(self, size: int) -> bool:
        """Read on; false at the end."""
        if self._is_at_end:
            return False
        more = self._text.read(size)
        self._is_at_end = not more
        self._buffer = self._buffer[self._position :] + more
        self._position = 0
        return bool(more)

    def _fail(self, what: str) -> NoReturn:
        raise DatasetInvalid(
            f"{self._file}, line {self.line}: no valid JSON, {what}.",
            code="dataset.json",
            hint="Correct that line; nothing was kept.",
            details={"file": self._file, "line": self.line},
        )


def _constant(name: str) -> None:
    """What other programs write for no number."""
    if name != "NaN":
        raise ValueError(f"{name} is no number of JSON")
