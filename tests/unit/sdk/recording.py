"""A sink for tests: finished spans in a list."""

from __future__ import annotations

from pitwall.sdk.span import RecordingSpan


class Recorded(list[RecordingSpan]):
    """Finished spans, in the order in which they ended."""

    def offer(self, span: RecordingSpan) -> None:
        self.append(span)

    def one(self, name: str) -> RecordingSpan:
        """The only span of that name."""
        found = [span for span in self if span.name == name]
        assert len(found) == 1, f"{name}: {len(found)} spans of {[span.name for span in self]}"
        return found[0]

    @property
    def names(self) -> list[str]:
        return [span.name for span in self]
