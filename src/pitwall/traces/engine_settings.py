"""How questions about spans are to be read by the engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

QUERY_SETTINGS: Final[Mapping[str, Any]] = {
    "max_threads": 2,
    # The engine would give a query one thread for each free GiB, and has about one.
    "max_threads_min_free_memory_per_thread": 0,
    # By default a thread takes 240 MB at a time, which is all texts of a day.
    "merge_tree_min_bytes_for_concurrent_read": 8 * 1024**2,
    "merge_tree_min_rows_for_concurrent_read": 16_384,
    # Asked before anything is opened, the indexes spare whole parts with all their columns.
    "use_skip_indexes_on_data_read": 0,
}
# What lies close together, as one trace or an unfiltered page: a second thread costs more than it brings.
ONE_THREAD: Final[Mapping[str, Any]] = {**QUERY_SETTINGS, "max_threads": 1}
