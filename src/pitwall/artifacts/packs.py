"""What files are generated from: the signals, boards and alert rules of packs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pitwall.alerts.pack_files import load_rules
from pitwall.alerts.rules import Rule
from pitwall.boards.pack_files import load_boards
from pitwall.boards.types import Board
from pitwall.signals.catalogue import Catalogue, Signal, core_pack, load_catalogue


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack by name and the signals it brings."""

    name: str
    signals: tuple[Signal, ...]


@dataclass(frozen=True, slots=True)
class Declared:
    """Everything that packs declare and other tools can use."""

    catalogue: Catalogue
    packs: tuple[Pack, ...]
    boards: tuple[Board, ...]
    rules: tuple[Rule, ...]


def load_packs(more: Sequence[Path] = ()) -> Declared:
    """Read the core pack and further ones.

    Raises:
        CatalogueInvalid, BoardPackInvalid: A pack is wrong; every problem is named with its file and line.
    """
    paths = [core_pack(), *more]
    catalogue = load_catalogue(paths)
    boards = tuple(found.board for found in load_boards(paths, catalogue))
    rules = tuple(found.rule for found in load_rules(paths, catalogue))
    packs = tuple(Pack(path.resolve().name, _signals_of(path, catalogue)) for path in paths)
    return Declared(catalogue, packs, boards, rules)


def _signals_of(pack: Path, catalogue: Catalogue) -> tuple[Signal, ...]:
    return tuple(
        signal for signal in catalogue if Path(signal.origin.rpartition(":")[0]).is_relative_to(pack)
    )
