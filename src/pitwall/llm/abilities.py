"""What models can do: learned while asking, kept by the doctor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from pitwall.llm.types import Api, ModelEndpoint
from pitwall.llm.wire import NO_QUIRKS, Mode, Quirks

ALL_MODES: Final = tuple(Mode)


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a model at an endpoint can do, as far as it is known.

    Attributes:
        modes: The modes that may work, the one to try first at the front.
        quirks: What it does not take.
        is_proven: A valid reply came in the first mode.
    """

    modes: tuple[Mode, ...] = ALL_MODES
    quirks: Quirks = NO_QUIRKS
    is_proven: bool = False

    def without(self, mode: Mode) -> Abilities:
        """The same without a mode that does not work; the last one stays."""
        left = tuple(one for one in self.modes if one is not mode)
        return replace(self, modes=left or self.modes, is_proven=self.is_proven and mode is not self.modes[0])

    def proven(self, mode: Mode) -> Abilities:
        """The same with a mode that gave a valid reply at the front."""
        if self.is_proven and self.modes[0] is mode:
            return self
        start = self.modes.index(mode) if mode in self.modes else 0
        return replace(self, modes=(mode, *self.modes[start + 1 :]), is_proven=True)


class AbilityMemory:
    """What models can do, by api, address and model; lives as long as those who share it."""

    def __init__(self) -> None:
        self._known: dict[tuple[Api, str, str], Abilities] = {}

    def get(self, endpoint: ModelEndpoint) -> Abilities:
        """Return what is known, all modes where nothing is."""
        return self._known.get(_place(endpoint), Abilities())

    def set(self, endpoint: ModelEndpoint, abilities: Abilities) -> None:
        """Remember."""
        self._known[_place(endpoint)] = abilities


def _place(endpoint: ModelEndpoint) -> tuple[Api, str, str]:
    return endpoint.api, endpoint.base_url, endpoint.model


def abilities_view(abilities: Abilities) -> Mapping[str, object]:
    """What a model can do, as the store keeps it."""
    return {
        "modes": [mode.value for mode in abilities.modes],
        "left_out": sorted(abilities.quirks.left_out),
        "counts_completion": abilities.quirks.counts_completion,
    }


def read_abilities(view: Mapping[str, object]) -> Abilities | None:
    """What a model can do, from what the store kept; None if this version cannot read it."""
    modes, left_out = view.get("modes"), view.get("left_out")
    if not isinstance(modes, list) or not isinstance(left_out, list):
        return None
    known = tuple(Mode(mode) for mode in modes if mode in set(Mode))
    quirks = Quirks(frozenset(map(str, left_out)), bool(view.get("counts_completion")))
    return Abilities(known, quirks, is_proven=True) if known else None
