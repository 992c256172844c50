"""A process that tells people until it is killed: `python -m ... DATA_DIR`."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from random import Random

from pitwall.kit.clock import SystemClock
from pitwall.notifications.channels import ChannelBook
from pitwall.notifications.composer import Composer
from pitwall.notifications.jobs import NotificationJob
from pitwall.notifications.notifier import Notifier
from pitwall.notifications.sender import Sender, SenderParts
from pitwall.notifications.transports import Transports
from pitwall.stores.state import StateStore


def main(data_dir: str) -> None:
    """Start the job and wait for the end."""
    clock = SystemClock()
    state = StateStore.in_directory(Path(data_dir), clock=clock).open()
    book = ChannelBook()
    composer = Composer(
        book=book,
        transports=Transports(clock),
        public_url="http://127.0.0.1:8400",
        examples_of=lambda _project, _event: (),
        incident_of=lambda _project, _alert: None,
    )
    sender = Sender(SenderParts(state, book, composer.deliver, clock, Random(1)))
    NotificationJob(Notifier(state, book, clock), sender).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
