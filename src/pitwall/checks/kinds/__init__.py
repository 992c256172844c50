"""The kinds of items: each a function from an item and where it looks to what it found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pitwall.checks.items import Item
from pitwall.checks.kinds import (
    artifacts,
    documents,
    files,
    models,
    secrets,
    server,
    services,
    signals,
    smoke,
)
from pitwall.checks.surroundings import Looking
from pitwall.checks.types import Finding

# Each takes its own kind of item, which the type of this table cannot say.
LOOK: Mapping[str, Callable[[Any, Looking], Finding]] = {
    "http": services.look_http,
    "probes": services.look_probes,
    "trace_files_grow": files.look_trace_files,
    "archive": files.look_archive,
    "signal": signals.look_signal,
    "signal_trend": signals.look_trend,
    "retention": server.look_retention,
    "settings": server.look_settings,
    "one_database": server.look_one_database,
    "run_findable": server.look_run,
    "sanitiser": server.look_sanitiser,
    "docs_indexed": documents.look_docs,
    "model_tags": models.look_tags,
    "smoke": smoke.look_smoke,
    "secrets": secrets.look_secrets,
    "artifacts_index": artifacts.look_index,
}


def look(item: Item, looking: Looking) -> Finding:
    """Look at what an item is about; may block, and may raise whatever is wrong with that."""
    return LOOK[item.kind](item, looking)
