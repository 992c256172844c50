"""Finding a dataset and its versions as people name them."""

from __future__ import annotations

from pitwall.evals.datasets.errors import DatasetNotFound
from pitwall.evals.datasets.repository import StoredDatasets
from pitwall.evals.datasets.types import Dataset, DatasetVersion


def find_dataset(stored: StoredDatasets, name: str) -> Dataset:
    """Return a dataset by name.

    Raises:
        DatasetNotFound: The project has no such dataset.
    """
    dataset = stored.find(name)
    if dataset is None:
        raise DatasetNotFound(
            f"There is no dataset {name!r}.",
            hint="`pitwall datasets list` has all; `pitwall datasets import FILE` makes one.",
        )
    return dataset


def find_version(stored: StoredDatasets, dataset: Dataset, version: str | None) -> DatasetVersion:
    """Return a version by its number, else by its label; None is the newest.

    Raises:
        DatasetNotFound: There is none.
    """
    if version is None:
        return dataset.latest
    found = None
    if version.isascii() and version.isdecimal() and len(version) < 10:
        found = stored.version(dataset.id, number=int(version))
    found = found or stored.version(dataset.id, label=version)
    if found is None:
        raise DatasetNotFound(
            f"Dataset {dataset.name!r} has no version {version!r}.",
            code="dataset.version_not_found",
            hint=f"See `pitwall datasets versions {dataset.name}`.",
        )
    return found
