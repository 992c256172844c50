"""What can be done with datasets: import, look, compare versions, delete; calls block."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection

from pitwall.access.types import Principal, require
from pitwall.core.errors import InvalidInput
from pitwall.core.vocabulary import Scope
from pitwall.evals.datasets.canonical import read_example
from pitwall.evals.datasets.differences import Difference, compare
from pitwall.evals.datasets.errors import DatasetInUse, DatasetInvalid
from pitwall.evals.datasets.lookup import find_dataset, find_version
from pitwall.evals.datasets.names import check_name
from pitwall.evals.datasets.readers.opening import OpenFile, open_file
from pitwall.evals.datasets.reading import Reading, read_file
from pitwall.evals.datasets.repository import StoredDatasets
from pitwall.evals.datasets.staging import ExampleRefused, NewVersion, Staging
from pitwall.evals.datasets.types import Dataset, DatasetVersion, Imported, ReadOptions
from pitwall.evals.datasets.writing import VersionWriter, audit_entry
from pitwall.evals.types import Example
from pitwall.kit.clock import Clock
from pitwall.kit.paging import InvalidCursor, Page, decode_cursor, encode_cursor
from pitwall.stores.state import AuditLog, StateStore

FindUsers = Callable[[Connection, str, Collection[str]], Sequence[str]]
"""Names what uses versions of a project, by their ids: evaluation runs. Empty if nothing does."""

MAX_BYTES = 2 << 30
_READ_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody gives: its name and its bytes, seekable."""

    name: str
    stream: BinaryIO


class Datasets:
    """Keeps datasets.

    Args:
        state: Where they are.
        clock: When something was done.
        scratch_dir: Where files lie while they are read; None for the system's place.
        used_by: Tells what uses a version, which then cannot be deleted.
    """

    def __init__(
        self,
        state: StateStore,
        clock: Clock,
        *,
        scratch_dir: Path | None = None,
        used_by: FindUsers = lambda *_: (),
    ) -> None:
        self._state = state
        self._clock = clock
        self._scratch_dir = scratch_dir
        self._used_by = used_by
        self._writer = VersionWriter(state, clock)

    def scratch(self) -> BinaryIO:
        """A file without a name, which is gone when it is closed or the process dies."""
        if self._scratch_dir is not None:
            self._scratch_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        return tempfile.TemporaryFile(dir=self._scratch_dir)

    def list(self, project_id: str, *, limit: int = 100, cursor: str | None = None) -> Page[Dataset]:
        """Return datasets by name.

        Raises:
            InvalidInput: The cursor belongs to another list.
        """
        after = None if cursor is None else str(_position("datasets", cursor))
        with self._state.session(read_only=True) as session:
            found = StoredDatasets(session, project_id).page(limit=limit + 1, after=after)
        more = encode_cursor("datasets", found[limit - 1].name) if len(found) > limit else None
        return Page(found[:limit], more)

    def get(self, project_id: str, name: str, version: str | None = None) -> tuple[Dataset, DatasetVersion]:
        """Return a dataset with one of its versions.

        Args:
            version: Its number, or the label that the file gave it; None for the newest.

        Raises:
            DatasetNotFound: The project has no such dataset or version.
        """
        with self._state.session(read_only=True) as session:
            stored = StoredDatasets(session, project_id)
            dataset = find_dataset(stored, name)
            return dataset, find_version(stored, dataset, version)

    def versions(
        self, project_id: str, name: str, *, limit: int = 100, cursor: str | None = None
    ) -> Page[DatasetVersion]:
        """Return the versions of a dataset, newest first.

        Raises:
            DatasetNotFound: The project has no such dataset.
            InvalidInput: The cursor belongs to another list.
        """
        before = None if cursor is None else int(_position("datasets.versions", cursor))
        with self._state.session(read_only=True) as session:
            stored = StoredDatasets(session, project_id)
            found = stored.versions(find_dataset(stored, name).id, limit=limit + 1, before=before)
        more = encode_cursor("datasets.versions", found[limit - 1].number) if len(found) > limit else None
        return Page(found[:limit], more)

    def examples(
        self, project_id: str, version: DatasetVersion, *, limit: int = 100, cursor: str | None = None
    ) -> Page[tuple[int, Example]]:
        """Return examples of a version in their order, each with its position from 0.

        Raises:
            InvalidInput: The cursor belongs to another list.
        """
        kind = f"datasets.examples.{version.id}"
        after = -1 if cursor is None else int(_position(kind, cursor))
        with self._state.session(read_only=True) as session:
            found = StoredDatasets(session, project_id).examples(version.id, limit=limit + 1, after=after)
        more = encode_cursor(kind, found[limit - 1][0]) if len(found) > limit else None
        return Page([(position, read_example(text)) for position, text in found[:limit]], more)

    def iterate(self, project_id: str, version_id: str, *, after: int = -1) -> Iterator[tuple[int, Example]]:
        """Yield all examples of a version in their order, each with its position, a few hundred at a time."""
        while True:
            with self._state.session(read_only=True) as session:
                found = StoredDatasets(session, project_id).examples(
                    version_id, limit=_READ_AT_ONCE, after=after
                )
            for position, text in found:
                yield position, read_example(text)
            if len(found) < _READ_AT_ONCE:
                return
            after = found[-1][0]

    def at(self, project_id: str, version_id: str, positions: Collection[int]) -> dict[int, Example]:
        """Return some examples of a version by position."""
        with self._state.session(read_only=True) as session:
            found = StoredDatasets(session, project_id).examples_at(version_id, positions)
        return {position: read_example(text) for position, text in found}

    def compare(self, project_id: str, name: str, before: str, after: str | None = None) -> Difference:
        """Tell what changed from one version to another, the newest unless said otherwise.

        Raises:
            DatasetNotFound: The project has no such dataset or version.
        """
        with self._state.session(read_only=True) as session:
            stored = StoredDatasets(session, project_id)
            dataset = find_dataset(stored, name)
            one, other = find_version(stored, dataset, before), find_version(stored, dataset, after)
            return compare(one, other, stored.hashes(one.id), stored.hashes(other.id))

    def export(self, project_id: str, name: str, version: str | None, file_format: str) -> Iterator[bytes]:
        """Yield the bytes of a file with a version.

        Raises:
            DatasetNotFound: The project has no such dataset or version.
            DatasetInvalid: There is no such format, or it cannot hold an example.
        """
        from pitwall.evals.datasets.exports import Export, write_export  # a run exports nothing

        dataset, chosen = self.get(project_id, name, version)
        examples = (example for _, example in self.iterate(project_id, chosen.id))
        return write_export(Export(dataset, chosen, examples), file_format, self.scratch)

    def import_file(
        self, upload: Upload, options: ReadOptions, *, name: str | None = None, by: Principal
    ) -> Imported:
        """Make a version out of a file; examples that a version has already find that version.

        Args:
            name: Of the dataset; None takes what the file says, else the name of the file.

        Raises:
            NotPermitted: The caller may not act.
            DatasetInvalid: The file is none that can be read, or has problems that were not to be skipped.
        """
        require(by, Scope.ACT)
        with self.scratch() as unpacked, self.scratch() as scratch:
            file = open_file(
                upload.name,
                upload.stream,
                file_format=options.file_format,
                encoding=options.encoding,
                scratch=lambda: unpacked,
                max_bytes=MAX_BYTES,
            )
            staging = Staging(scratch)
            reading = read_file(file, options, staging)
            wanted = check_name(name or reading.header.name or _stem(file.name))
            made = self._writer.write(wanted, staging, _from_file(file, reading), by)
        return replace(made, skipped=tuple(reading.problems), skipped_count=reading.problem_count)

    def add(
        self,
        name: str,
        examples: Iterable[Example],
        new: NewVersion,
        *,
        by: Principal,
        based_on: DatasetVersion | None = None,
    ) -> Imported:
        """Make a version out of examples.

        Args:
            based_on: Which version the examples continue; it has to be the newest still.

        Raises:
            NotPermitted: The caller may not act.
            DatasetInvalid: There are none, or two have the same id.
            DatasetChanged: Somebody made a version in the meantime.
        """
        require(by, Scope.ACT)
        wanted = check_name(name)
        with self.scratch() as scratch:
            staging = Staging(scratch)
            for example in examples:
                try:
                    staging.add(example)
                except ExampleRefused as error:
                    raise DatasetInvalid(f"Example {example.id!r}: {error}.") from error
            if not len(staging):
                raise DatasetInvalid(f"There is no example for {wanted!r}.", code="dataset.empty")
            return self._writer.write(wanted, staging, new, by, based_on)

    def delete(self, name: str, *, by: Principal, version: str | None = None) -> Sequence[DatasetVersion]:
        """Delete one version, or all and with them the dataset; returns what is gone.

        Raises:
            NotPermitted: The caller may not act.
            DatasetNotFound: The project has no such dataset or version.
            DatasetInUse: Runs refer to it.
        """
        require(by, Scope.ACT)
        with self._state.session() as session:
            stored = StoredDatasets(session, by.project_id)
            stored.lock()
            dataset = find_dataset(stored, name)
            gone = stored.versions(dataset.id, limit=dataset.version_count)
            if version is not None:
                gone = [find_version(stored, dataset, version)]
            self._check_unused(session, dataset, gone, by)
            stored.hide([one.id for one in gone])
            details = {"versions": [one.number for one in gone]}
            entry = audit_entry("dataset.deleted", name, by, details, self._clock.now())
            AuditLog(session).record(entry)
        self._writer.remove(by.project_id, [one.id for one in gone])
        return gone

    def _check_unused(
        self, session: Connection, dataset: Dataset, versions: Sequence[DatasetVersion], by: Principal
    ) -> None:
        users = self._used_by(session, by.project_id, [one.id for one in versions])
        if users:
            more = f" and {len(users) - 3} more" if len(users) > 3 else ""
            raise DatasetInUse(
                f"Dataset {dataset.name!r} is used by {', '.join(users[:3])}{more}.",
                hint="Their cases would be gone. Delete versions that no run used, with --version.",
                details={"used_by": list(users[:100])},
            )


def parse_reference(text: str) -> tuple[str, str | None]:
    """A dataset as people name it on the command line: `qa`, or `qa@3` for a version."""
    name, _, version = text.partition("@")
    return name, version or None


def _from_file(file: OpenFile, reading: Reading) -> NewVersion:
    header = reading.header
    source = {
        "kind": "file",
        "file": file.name,
        "format": file.file_format,
        "encoding": file.encoding,
        "said": dict(header.rest),
        "left_out": list(header.left_out),
        "skipped": reading.problem_count,
    }
    return NewVersion(label=header.label, thresholds=header.thresholds, source=source)


def _stem(file: str) -> str:
    """The name of a file without its suffixes."""
    return file.removesuffix(".gz").rpartition(".")[0] or file


def _position(kind: str, cursor: str) -> str | int:
    try:
        (position,) = decode_cursor(kind, cursor)
    except (InvalidCursor, ValueError) as error:
        raise InvalidInput(f"The {error}.", code="cursor.invalid") from error
    assert isinstance(position, str | int)
    return position
