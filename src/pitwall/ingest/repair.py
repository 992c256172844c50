"""Saving the good records of a protobuf request that cannot be parsed as a whole.

Every record is parsed by itself. Invalid UTF-8 in attributes and texts is replaced by U+FFFD and said in the
answer; a record whose own name is broken, or that is no message at all, is rejected. Only a request without
a readable outer structure is refused whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from pitwall.core.vocabulary import TelemetryType
from pitwall.ingest.failures import Flaw, MalformedRequest, RejectedRecord, RejectReason
from pitwall.ingest.mirrors import bytes_twin, envelope_type, text_fields
from pitwall.ingest.structure import find_damage, read_refused
from pitwall.ingest.wire import OtlpStream, Parsed, record_name

_NAMES = frozenset({"name", "event_name", "key", "unit"})


class _Broken(Exception):
    """A piece of a request that cannot be kept."""

    def __init__(self, flaw: Flaw, name: str = "") -> None:
        super().__init__(flaw.message)
        self.flaw = flaw
        self.name = name


@dataclass(slots=True)
class _Salvage:
    """The request being put together again from its good pieces."""

    stream: OtlpStream
    request: Any
    index: int = 0
    positions: list[int] = field(default_factory=list)
    rejected: list[RejectedRecord] = field(default_factory=list)
    repairs: list[str] = field(default_factory=list)


def salvage(stream: OtlpStream, body: bytes) -> Parsed:
    """Parse each record of a request that the strict parser refused.

    Raises:
        MalformedRequest: Not even the outer structure can be read.
    """
    try:
        envelope = envelope_type().FromString(body)
    except DecodeError:
        raise _malformed(stream, body) from None
    state = _Salvage(stream, stream.request_type())
    for resource in envelope.resources:
        _salvage_resource(state, resource)
    return Parsed(
        request=state.request,
        rejected=tuple(state.rejected),
        positions=state.positions,
        repairs=tuple(state.repairs),
    )


def _malformed(stream: OtlpStream, body: bytes) -> MalformedRequest:
    damage = find_damage(body)
    where = "" if damage is None else f": {damage.problem} at byte {damage.offset} of {len(body)}"
    return MalformedRequest(
        f"The body is no {stream.request_type.DESCRIPTOR.name} in protobuf{where}.",
        hint="Check that the content type and content encoding headers match the body.",
        details={} if damage is None else {"offset": damage.offset},
    )


def _salvage_resource(state: _Salvage, envelope: Any) -> None:
    group = getattr(state.request, state.stream.resources).add(schema_url=_repaired_text(envelope.schema_url))
    flaw = _salvage_shared(state, group.resource, Resource, envelope.resource, "resource")
    for scope in envelope.scopes:
        scope_group = getattr(group, state.stream.scopes).add(schema_url=_repaired_text(scope.schema_url))
        scope_flaw = flaw or _salvage_shared(
            state, scope_group.scope, InstrumentationScope, scope.scope, "scope"
        )
        for raw in scope.items:
            _salvage_item(state, scope_group, raw, scope_flaw)


def _salvage_shared(state: _Salvage, target: Any, kind: type[Any], raw: bytes, what: str) -> Flaw | None:
    """Fill in a resource or scope; return what is wrong if all records under it are lost with it."""
    try:
        message, repaired = _parse(kind, raw)
    except _Broken as broken:
        return Flaw(broken.flaw.reason, f"in its {what}: {broken.flaw.message}")
    target.CopyFrom(message)
    if repaired:
        state.repairs.append(f"{what}: {_replaced(repaired)}")
    return None


def _salvage_item(state: _Salvage, scope_group: Any, raw: bytes, flaw: Flaw | None) -> None:
    """Keep one span, log record or metric, or say why not; a metric that is lost counts as one data point."""
    stream = state.stream
    first = state.index
    try:
        if flaw is not None:
            raise _Broken(flaw)
        item, repaired = _parse(stream.item_type, raw)
    except _Broken as broken:
        state.index += 1
        # The raw bytes are kept as they are: nobody could write them better.
        state.rejected.append(
            RejectedRecord(first, broken.name, broken.flaw.reason, broken.flaw.message, partial(_alone, raw))
        )
        return
    getattr(scope_group, stream.items).append(item)
    count = _count_records(stream, item)
    state.positions.extend(range(first, first + count))
    state.index += count
    if repaired:
        state.repairs.append(f"{stream.noun} [{first}] {record_name(item)!r}: {_replaced(repaired)}")


def _count_records(stream: OtlpStream, item: Any) -> int:
    if stream.telemetry_type is not TelemetryType.METRICS:
        return 1
    kind = item.WhichOneof("data")
    return len(getattr(item, kind).data_points) if kind else 0


def _alone(raw: bytes) -> bytes:
    """Wrap a record's bytes into a request of their own, without resource and scope."""
    envelope = envelope_type()()
    envelope.resources.add().scopes.add().items.append(raw)
    return bytes(envelope.SerializeToString())


def _parse(kind: type[Any], raw: bytes) -> tuple[Any, list[str]]:
    """Parse a message; return it with the places where text was repaired.

    Raises:
        _Broken: It cannot be parsed, or a name in it is not UTF-8.
    """
    try:
        return kind.FromString(raw), []
    except DecodeError:
        pass
    try:
        twin = bytes_twin(kind.DESCRIPTOR).FromString(raw)
    except DecodeError:
        raise _refused(raw, kind.DESCRIPTOR) from None
    repaired = list(_repair(twin, kind.DESCRIPTOR, ""))
    broken_names = [place for place in repaired if place in _NAMES]
    if broken_names:
        raw_name = getattr(twin, "name", b"") or getattr(twin, "event_name", b"")
        message = f"its {broken_names[0].replace('_', ' ')} is not valid UTF-8"
        raise _Broken(Flaw(RejectReason.INVALID_UTF8, message), _shown(raw_name))
    return kind.FromString(twin.SerializeToString()), repaired


def _refused(raw: bytes, descriptor: Any) -> _Broken:
    refused = read_refused(raw, descriptor)
    if refused.is_too_deep:
        flaw = Flaw(RejectReason.NESTED_TOO_DEEP, "its values are nested too deep")
    else:
        flaw = Flaw(RejectReason.MALFORMED, f"its {len(raw)} bytes are no valid protobuf")
    return _Broken(flaw, _shown(refused.name))


def _shown(name: bytes) -> str:
    return name.decode("utf-8", "replace")[:200]


def _repair(twin: Message, strict: Any, prefix: str) -> Iterator[str]:
    """Replace invalid UTF-8 in a message by U+FFFD; yield the path of each field that had any."""
    texts = text_fields(strict)
    for descriptor, value in twin.ListFields():
        name = descriptor.name
        path = f"{prefix}{name}"
        if name in texts:
            if (repaired := _repaired_bytes(value)) is not None:
                setattr(twin, name, repaired)
                yield path
        elif descriptor.message_type is not None:
            inner = strict.fields_by_name[name].message_type
            children = value if descriptor.is_repeated else (value,)
            for child in children:
                key = getattr(child, "key", None)
                label = f"{path}[{key.decode('utf-8', 'replace')!r}]" if isinstance(key, bytes) else path
                yield from _repair(child, inner, f"{label}.")


def _repaired_bytes(value: bytes) -> bytes | None:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("utf-8", "replace").encode("utf-8")
    return None


def _repaired_text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _replaced(places: list[str]) -> str:
    more = f" and {len(places) - 1} more places" if len(places) > 1 else ""
    return f"invalid UTF-8 replaced in {places[0]}{more}"
