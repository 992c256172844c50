"""The parts that tell people of alerts, put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from random import SystemRandom

from pitwall.incidents.repository import Incidents
from pitwall.kit.clock import Clock
from pitwall.kit.i18n import Language
from pitwall.notifications.channels import ChannelBook, standing_channel
from pitwall.notifications.composer import Composer, IncidentOf, examples_from
from pitwall.notifications.jobs import Heartbeat, NotificationJob, Watch
from pitwall.notifications.notifier import Notifier
from pitwall.notifications.sender import Sender, SenderParts
from pitwall.notifications.service import make_notifications
from pitwall.notifications.transports import Transports
from pitwall.server.lifecycle import Component
from pitwall.settings import Settings
from pitwall.signals.service import Signals
from pitwall.stores.state import StateStore
from pitwall.work.leases import Lease

_LEASED = timedelta(seconds=60)


class Notifying:
    """Channels, routes and the way from an alert to its messages.

    Args:
        environ: Where references of channels to secrets look.
        lease: Makes the right to do a job, by its name.
    """

    def __init__(
        self,
        settings: Settings,
        state: StateStore,
        clock: Clock,
        signals: Signals,
        environ: Mapping[str, str],
        *,
        lease: Callable[[str], Lease | None],
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._state = state
        self.book = _book(settings, environ)
        self.notifier = Notifier(state, self.book, clock)
        self.composer = Composer(
            book=self.book,
            transports=Transports(clock),
            public_url=_public_url(settings),
            examples_of=examples_from(signals),
            incident_of=_incident_of(state),
        )
        is_alone = settings.state_store.is_embedded
        self._sender = Sender(
            SenderParts(
                state=state,
                book=self.book,
                deliver=self.composer.deliver,
                clock=clock,
                random=SystemRandom(),
                takes_over_after=timedelta() if is_alone else _LEASED,
            )
        )
        self.job = NotificationJob(self.notifier, self._sender, lease=lease(NotificationJob.name))
        self.service = make_notifications(
            state,
            clock,
            book=self.book,
            notifier=self.notifier,
            composer=self.composer,
            wake=self.job.wake,
        )

    def components(self, good_rounds: Callable[[], int]) -> list[Component]:
        """What to start, in order.

        Args:
            good_rounds: How often alert rules have been evaluated.
        """
        settings = self._settings.notifications
        components: list[Component] = [self.job]
        if settings.heartbeat_url is not None:
            watch = Watch(self.notifier, good_rounds, self._clock)
            components.append(
                Heartbeat(
                    settings.heartbeat_url.get_secret_value(), settings.heartbeat_seconds, watch.is_kept
                )
            )
        return components


def _incident_of(state: StateStore) -> IncidentOf:
    def find(project_id: str, alert_id: str) -> str | None:
        with state.session(read_only=True) as connection:
            return Incidents(connection, project_id).of_alert(alert_id)

    return find


def _book(settings: Settings, environ: Mapping[str, str]) -> ChannelBook:
    url, secret = settings.alert_webhook_url, settings.notifications.webhook_secret
    return ChannelBook(
        standing=standing_channel(
            None if url is None else url.get_secret_value(),
            None if secret is None else secret.get_secret_value(),
        ),
        language=Language(settings.notifications.language),
        environ=environ,
    )


def _public_url(settings: Settings) -> str:
    server = settings.server
    return (server.public_url or f"http://{server.host}:{server.port}").rstrip("/")
