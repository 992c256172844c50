"""What can be wrong with an analysis."""

from __future__ import annotations

from pitwall.core.errors import Conflict, InvalidInput


class RunNotOver(Conflict):
    """The run goes on; its numbers would change under the analysis."""

    default_code = "eval_analysis.run_not_over"


class DashboardUnavailable(InvalidInput):
    """The images cannot be made here."""

    default_code = "eval_analysis.dashboard_unavailable"
