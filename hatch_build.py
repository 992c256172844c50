"""Keeps a package from being built without its UI; `pip install -e .` needs none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INDEX = Path("src/pitwall/server/ui/index.html")
WITHOUT = "PITWALL_WITHOUT_UI"


class BuiltUi(BuildHookInterface):  # type: ignore[type-arg]
    """Looks for the UI that `make ui` builds."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Refuse a build that lacks it.

        Raises:
            RuntimeError: There is no UI, and nobody said that this is meant.
        """
        is_editable = self.target_name == "wheel" and version == "editable"
        if is_editable or os.environ.get(WITHOUT) == "1" or (Path(self.root) / INDEX).is_file():
            return
        raise RuntimeError(
            f"The UI is not built: there is no {INDEX}. Run `make ui` first, or set {WITHOUT}=1 "
            "for a package without it."
        )
