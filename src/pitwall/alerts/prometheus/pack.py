"""Writes what was imported as a pack that the setting `packs` can name."""

from __future__ import annotations

from pathlib import Path

import yaml

from pitwall.alerts.pack_files import load_rules
from pitwall.alerts.prometheus.types import Imported
from pitwall.signals.catalogue import core_pack, load_catalogue

SIGNALS = Path("signals") / "prometheus.yaml"
RULES = Path("alerts") / "prometheus.yaml"

_HEAD = (
    "# Imported from rules of a Prometheus by `pitwall alerts import`; a further import replaces this file.\n"
)


def write_pack(imported: Imported, directory: Path) -> None:
    """Write the pack and read it as the server will.

    Raises:
        CatalogueInvalid, RulePackInvalid: The directory holds something else that does not fit.
        OSError: A file cannot be written.
    """
    for path, entries in ((SIGNALS, imported.signals), (RULES, imported.rules)):
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        text = yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=110)
        target.write_text(_HEAD + text, encoding="utf-8")
    load_rules([directory], load_catalogue([core_pack(), directory]))
