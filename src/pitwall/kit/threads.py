"""What a thread may do about itself."""

from __future__ import annotations

import os
import sys
import threading


def lower_priority(nice: int) -> None:
    """Let the threads of higher priority go first where the machine is short of cores.

    Only on Linux: elsewhere a niceness is the whole process's, and nothing is done. Threads that this one
    starts from now on are as nice.

    Args:
        nice: How much to give way: 0 not at all, 19 to everything.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), nice)
