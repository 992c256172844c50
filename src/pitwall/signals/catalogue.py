"""The catalogue: signals declared in packs, parsed and checked as a whole before anyone can ask for one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from pitwall.kit.durations import InvalidDuration, parse_duration
from pitwall.kit.i18n import Text
from pitwall.signals.bands import Bands, Better, parse_limit, problems_of
from pitwall.signals.checks import (
    check_condition,
    check_dimension,
    check_value,
    find_column,
    nearest,
    nearest_names,
    suggestion,
    unit_of,
)
from pitwall.signals.errors import CatalogueInvalid, ExpressionInvalid, UnknownSignal
from pitwall.signals.expressions import (
    Aggregate,
    Arithmetic,
    Breakdown,
    Column,
    Function,
    MovingMean,
    Operator,
    Over,
    Reference,
    Share,
    Source,
    Value,
    aggregates_of,
    references_of,
)
from pitwall.signals.pack_files import Document, Place, read_document
from pitwall.signals.parser import parse_column, parse_over, parse_value
from pitwall.signals.schemas import WrittenBands, WrittenSignal
from pitwall.signals.sources import SOURCES, Type
from pitwall.signals.units import ITEM, Unit, parse_unit

_RATES = frozenset({Function.COUNT, Function.RATE, Function.SUM, Function.INCREASE})


@dataclass(frozen=True, slots=True)
class Signal:
    """A named series.

    Attributes:
        over: The records it looks at; None for a formula over other signals.
        by: Names of the labels that may split it.
        labels: What a label reads that has another name than its column, such as one key of a map.
        unit: As written, for people.
        per: The value is given per this length of time, whatever the window; None if it is not a rate.
        origin: `file:line` of its declaration.
    """

    name: str
    title: Text
    description: Text
    over: Over | None
    value: Value
    by: tuple[str, ...]
    unit: str
    better: Better
    per: timedelta | None
    bands: Bands
    origin: str
    labels: Mapping[str, Column] = field(default_factory=dict)

    def column(self, label: str) -> Column:
        """What a label reads."""
        return self.labels.get(label) or Column(label)


class Catalogue:
    """All known signals, in the order of their declaration.

    Args:
        signals: Checked signals with distinct names.
    """

    def __init__(self, signals: Iterable[Signal]) -> None:
        self._signals = {signal.name: signal for signal in signals}

    def __iter__(self) -> Iterator[Signal]:
        return iter(self._signals.values())

    def __len__(self) -> int:
        return len(self._signals)

    def nearest_names(self, name: str) -> list[str]:
        """The names of signals that are spelt most like a name."""
        return nearest_names(name, self._signals)

    def get(self, name: str) -> Signal:
        """Return a signal by name.

        Raises:
            UnknownSignal: There is none; the nearest names are in the hint.
        """
        signal = self._signals.get(name)
        if signal is None:
            raise UnknownSignal(f"There is no signal {name!r}.", hint=nearest(name, self._signals))
        return signal


def core_pack() -> Path:
    """The directory of the pack that works without any configuration."""
    return Path(str(resources.files("pitwall"))) / "packs" / "core"


def all_packs(more: Sequence[Path]) -> list[Path]:
    """The core pack, and those of the settings.

    Raises:
        CatalogueInvalid: One of them is no directory.
    """
    missing = [str(pack) for pack in more if not pack.is_dir()]
    if missing:
        raise CatalogueInvalid(
            f"There is no pack {' and no pack '.join(missing)}.",
            hint="Name directories in the setting `packs`; each holds signals/, boards/ or alerts/.",
        )
    return [core_pack(), *more]


def load_catalogue(packs: Sequence[Path]) -> Catalogue:
    """Load the signals of packs: every `signals/*.yaml` below each directory.

    Raises:
        CatalogueInvalid: Anything is wrong; every problem is named with its file and line.
    """
    loader = _Loader()
    for pack in packs:
        for path in sorted((pack / "signals").glob("*.yaml")):
            loader.read(path)
    return loader.finish()


class _Loader:
    """Collects signals and problems; nothing is returned unless there is no problem at all."""

    def __init__(self) -> None:
        self._signals: dict[str, Signal] = {}
        self._places: dict[str, tuple[Document, Place]] = {}
        self._problems: list[str] = []

    def read(self, path: Path) -> None:
        try:
            document = read_document(path)
        except CatalogueInvalid as error:
            self._problems.append(error.message)
            return
        if not isinstance(document.data, list):
            self._problems.append(f"{path}:1: a signals file is a list of signals, each with a name")
            return
        for index in range(len(document.data)):
            self._read_signal(document, index)

    def finish(self) -> Catalogue:
        for signal in self._signals.values():
            self._check(signal)
        if self._problems:
            raise CatalogueInvalid(
                "The signal catalogue cannot be loaded:\n  " + "\n  ".join(self._problems),
                details={"problems": self._problems},
            )
        return Catalogue(self._signals.values())

    def _read_signal(self, document: Document, index: int) -> None:
        try:
            written = WrittenSignal.model_validate(document.data[index])
        except ValidationError as error:
            for problem in error.errors():
                self._report(document, (index, *problem["loc"]), problem["msg"], key=problem["loc"])
            return
        earlier = self._signals.get(written.name)
        if earlier is not None:
            self._report(
                document, (index, "name"), f"signal {written.name} is already declared at {earlier.origin}"
            )
            return
        signal = self._parse(document, index, written)
        if signal is not None:
            self._signals[written.name] = signal
            self._places[written.name] = (document, (index,))

    def _parse(self, document: Document, index: int, written: WrittenSignal) -> Signal | None:
        part = "over"
        try:
            over = parse_over(written.over) if written.over is not None else None
            part = "value"
            value = parse_value(written.value)
            part = "labels"
            labels = {name: parse_column(text) for name, text in written.labels.items()}
            part = "per"
            per = parse_duration(written.per) if written.per is not None else None
            part = "bands"
            bands = _parse_bands(written.bands)
        except (ExpressionInvalid, InvalidDuration) as error:
            self._report(document, (index, part), str(error))
            return None
        return Signal(
            name=written.name,
            title=Text(written.title.en, written.title.ko),
            description=Text(written.description.en, written.description.ko),
            over=over,
            value=value,
            by=tuple(written.by),
            labels=labels,
            unit=written.unit,
            better=written.better,
            per=per,
            bands=bands,
            origin=document.where((index,)),
        )

    def _check(self, signal: Signal) -> None:
        document, place = self._places[signal.name]
        for part, check in (
            ("value", self._check_value),
            ("labels", _check_labels),
            ("by", self._check_dimensions),
            ("per", _check_per),
            ("unit", self._check_unit),
            ("bands", _check_bands),
        ):
            try:
                check(signal)
            except ExpressionInvalid as error:
                self._report(document, (*place, part), str(error))

    def _check_value(self, signal: Signal) -> None:
        if signal.over is not None:
            check_condition(signal.over.source, signal.over.condition)
            check_value(signal.over.source, signal.value)
            if not isinstance(signal.value, Breakdown) and not any(aggregates_of(signal.value)):
                raise ExpressionInvalid(f"{signal.value} looks at no record.", hint="Write count().")
            return
        if next(aggregates_of(signal.value), None) is not None or not isinstance(
            signal.value, Arithmetic | Reference
        ):
            raise ExpressionInvalid(
                f"{signal.value} needs `over`, the records it looks at.",
                hint="Write for example over: spans.",
            )
        for name in references_of(signal.value):
            if name not in self._signals:
                raise ExpressionInvalid(f"There is no signal {name!r}.", hint=suggestion(name, self._signals))
            if isinstance(self._signals[name].value, Breakdown):
                raise ExpressionInvalid(f"{name} has many values per window and cannot be computed with.")
        self._check_cycle(signal, ())

    def _check_cycle(self, signal: Signal, path: tuple[str, ...]) -> None:
        if signal.name in path:
            raise ExpressionInvalid(
                f"Signals refer to each other in a circle: {' -> '.join([*path, signal.name])}."
            )
        for name in references_of(signal.value):
            if name in self._signals:
                self._check_cycle(self._signals[name], (*path, signal.name))

    def _check_dimensions(self, signal: Signal) -> None:
        if len(set(signal.by)) < len(signal.by):
            raise ExpressionInvalid(f"A dimension is listed twice: {', '.join(signal.by)}.")
        if signal.over is not None:
            for name in signal.by:
                if name not in signal.labels:
                    check_dimension(signal.over.source, name)
            return
        for reference in references_of(signal.value):
            missing = (
                set(signal.by) - set(self._signals[reference].by) if reference in self._signals else set()
            )
            if missing:
                raise ExpressionInvalid(f"{reference} cannot be split by {', '.join(sorted(missing))}.")

    def _check_unit(self, signal: Signal) -> None:
        declared = parse_unit(signal.unit)
        derived = self._derived_unit(signal)
        if derived is None or declared.fits(derived):
            return
        per_item = derived.combined(Operator.DIVIDE, ITEM)
        if not (_is_mean(signal.value) and declared.fits(per_item)):
            raise ExpressionInvalid(f"Unit {signal.unit!r} does not match the value {signal.value}.")

    def _derived_unit(self, signal: Signal) -> Unit | None:
        unit = unit_of(signal.over.source if signal.over else None, signal.value, self._declared_unit)
        if unit is None or signal.per is None:
            return unit
        return Unit(
            {**unit.powers, "time": unit.powers.get("time", 0) - 1},
            (unit.scale or 1) / signal.per.total_seconds(),
        )

    def _declared_unit(self, name: str) -> Unit | None:
        try:
            return parse_unit(self._signals[name].unit) if name in self._signals else None
        except ExpressionInvalid:
            return None  # reported at that signal

    def _report(
        self, document: Document, place: Place, message: str, *, key: Sequence[str | int] = ()
    ) -> None:
        shown = f"{'.'.join(map(str, key))}: " if key else ""
        self._problems.append(f"{document.where(place)}: {shown}{message}")


def _parse_bands(written: WrittenBands | None) -> Bands:
    if written is None:
        return Bands()
    warning, critical, normal = (
        text and parse_limit(text) for text in (written.warning, written.critical, written.normal)
    )
    return Bands(warning or None, critical or None, written.min_count, normal or None)


def _check_labels(signal: Signal) -> None:
    """A label of its own reads a key of a map; columns that may split have their names already."""
    for name, column in signal.labels.items():
        if signal.over is None:
            raise ExpressionInvalid("A formula has the labels of its signals; leave `labels` out.")
        if find_column(signal.over.source, column).type is not Type.MAP:
            raise ExpressionInvalid(f"Label {name} reads {column}, which is no key of a map.")
        if name in SOURCES[signal.over.source].columns:
            raise ExpressionInvalid(f"Label {name} has the name of a column of {signal.over.source}.")
        if name not in signal.by:
            raise ExpressionInvalid(f"Label {name} is not in `by`.")


def _check_per(signal: Signal) -> None:
    functions = {aggregate.function for aggregate in aggregates_of(signal.value)}
    if signal.per is None:
        if Function.RATE in functions:
            raise ExpressionInvalid("rate() needs `per`.", hint="Write for example per: 1m.")
    elif not functions or functions - _RATES:
        raise ExpressionInvalid(f"`per` is for {', '.join(sorted(_RATES))}; {signal.value} is none of them.")


def _check_bands(signal: Signal) -> None:
    never_negative = signal.over is not None and signal.over.source is Source.SPANS
    problems = problems_of(
        signal.bands,
        signal.better,
        low=0.0 if never_negative and not _subtracts(signal.value) else None,
        high=1.0 if _is_share(signal.value) else None,
    )
    if problems:
        raise ExpressionInvalid("; ".join(problems))


def _is_share(value: Value) -> bool:
    match value:
        case Aggregate(function=Function.RATIO) | Share():
            return True
        case _:
            return False


def _subtracts(value: Value) -> bool:
    match value:
        case Arithmetic(operator, left, right):
            return operator is Operator.SUBTRACT or _subtracts(left) or _subtracts(right)
        case MovingMean(_, inner):
            return _subtracts(inner)
        case _:
            return False


def _is_mean(value: Value) -> bool:
    """Whether a value is per record; a sum of such values is, too."""
    match value:
        case Aggregate(function=Function.MEAN):
            return True
        case Arithmetic(Operator.ADD | Operator.SUBTRACT, left, right):
            return _is_mean(left) and _is_mean(right)
        case _:
            return False
