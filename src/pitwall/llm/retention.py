"""Letting go of old calls to models.

What came of a call stands in the scores. The call itself is an answer that need not be asked for twice, what
it cost, and the words that were said, for whoever wants to look into it; after a time nobody does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import SelectBase

from pitwall.kit.clock import Clock
from pitwall.llm.repository import forget_calls
from pitwall.stores.state import StateStore

log = structlog.get_logger(__name__)

INTERVAL_SECONDS: Final = 3600.0
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class CallRetention:
    """Deletes calls that are too old; a call of `run` is one round and blocks.

    Attributes:
        kept: How long they are kept.
        needed: Ids of the runs whose calls stay, however old.
    """

    state: StateStore
    clock: Clock
    kept: timedelta
    needed: SelectBase

    def run(self) -> int:
        """Delete what is too old, little by little so that nobody waits; returns how many."""
        before, total = self.clock.now() - self.kept, 0
        while True:
            with self.state.session() as session:
                count = forget_calls(session, before, needed=self.needed, limit=_AT_ONCE)
            total += count
            if count < _AT_ONCE:
                break
        if total:
            log.info("llm_calls.forgotten", count=total)
        return total
