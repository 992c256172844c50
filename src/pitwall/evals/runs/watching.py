"""Models as a run sees them: what they cost so far, and whether there is any use in going on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pitwall.llm.types import Answered, CallFailed, CallFailure, Message, Models, Reply

_HOPELESS = frozenset({CallFailure.AUTH, CallFailure.NETWORK})
_TRIES = 5
_SAMPLES_APART = 1000


class WatchedModels:
    """Passes calls on and notices when the first ones all fail in a way that will not pass.

    Args:
        give_up: Called once, with the last failure.
    """

    def __init__(self, models: Models, give_up: Callable[[CallFailed], None]) -> None:
        self._models = models
        self._give_up = give_up
        self._failures = 0
        self._has_answered = False

    async def ask(
        self, messages: Sequence[Message], shape: type[Reply], *, sample: int = 0
    ) -> Answered[Reply]:
        """Ask for a reply of a shape."""
        try:
            answered = await self._models.ask(messages, shape, sample=sample)
        except CallFailed as error:
            self._notice(error)
            raise
        self._has_answered = True
        return answered

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector for each text."""
        try:
            vectors = await self._models.embed(texts)
        except CallFailed as error:
            self._notice(error)
            raise
        self._has_answered = True
        return vectors

    def _notice(self, error: CallFailed) -> None:
        if self._has_answered or error.failure not in _HOPELESS:
            return
        self._failures += 1
        if self._failures == _TRIES:
            self._give_up(error)


class RepeatedModels:
    """The models of one repetition: the same questions, other samples."""

    def __init__(self, models: Models, repetition: int) -> None:
        self._models = models
        self._offset = repetition * _SAMPLES_APART

    async def ask(
        self, messages: Sequence[Message], shape: type[Reply], *, sample: int = 0
    ) -> Answered[Reply]:
        """Ask for a reply of a shape."""
        return await self._models.ask(messages, shape, sample=self._offset + sample)

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector for each text; these do not vary."""
        return await self._models.embed(texts)
