"""The disk that holds a path has room."""

from __future__ import annotations

import shutil

from pitwall.kit.i18n import Text
from pitwall.probes.findings import CannotAsk, degraded, down, said, up
from pitwall.probes.types import DiskProbe, Outcome

_FREE = Text("{ratio:.1%} of the disk is free", "디스크의 {ratio:.1%}만 비어 있습니다")
_REFUSED = Text("{path} may not be looked at", "{path} 경로를 볼 권한이 없습니다")


def ask_disk(probe: DiskProbe, data_dir: str) -> Outcome:
    """Look at the disk once; see `kinds.ask`. A path that is not there is down: its disk is not mounted."""
    path = probe.path.replace("{data_dir}", data_dir)
    try:
        usage = shutil.disk_usage(path)
    except PermissionError as error:
        raise CannotAsk(said(_REFUSED, path=path)) from error
    ratio = usage.free / usage.total if usage.total else 0.0
    facts = {"free_bytes": usage.free, "total_bytes": usage.total, "free_ratio": round(ratio, 4)}
    measures = {"free_ratio": ratio}
    if ratio < probe.min_free_ratio:
        return down(said(_FREE, ratio=ratio), measures=measures, **facts)
    if ratio < probe.warning_free_ratio:
        return degraded(said(_FREE, ratio=ratio), measures=measures, **facts)
    return up(measures=measures, **facts)
