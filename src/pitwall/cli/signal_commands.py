"""`pitwall signals` as a whole: what features that stand on signals add to the group."""

from __future__ import annotations

from pitwall.anomalies.commands import anomalies
from pitwall.signals.commands import signals

signals.add_command(anomalies)

__all__ = ["signals"]
