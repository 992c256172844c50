"""How datasets are called."""

from __future__ import annotations

from pitwall.evals.datasets.errors import DatasetInvalid
from pitwall.kit.text import check_line

MAX_NAME = 200


def check_name(name: str) -> str:
    """The name of a dataset in NFC.

    Raises:
        DatasetInvalid: It is empty or too long, or has a slash, an at sign or control characters.
    """
    try:
        checked = check_line(name.strip())
    except ValueError as error:
        raise _no_name(name, str(error)) from error
    if not checked or len(checked) > MAX_NAME:
        raise _no_name(name, f"has {len(checked)} characters; 1 to {MAX_NAME} are allowed")
    if "/" in checked or "@" in checked:
        raise _no_name(name, "has a slash or an at sign")
    return checked


def _no_name(name: str, what: str) -> DatasetInvalid:
    return DatasetInvalid(
        f"{name[:80]!r} is no name of a dataset: it {what}.",
        code="dataset.name_invalid",
        hint="Choose one with --name.",
    )
