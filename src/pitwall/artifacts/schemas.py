"""The wire shapes: what an Alertmanager sends, and what it is answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints

from pitwall.artifacts.external_alerts import Delivery, ExternalAlert, Status
from pitwall.kit.text import check_storable

_MAX_ALERTS = 5000
_MAX_LABELS = 100

Name = Annotated[str, StringConstraints(min_length=1, max_length=256), AfterValidator(check_storable)]
Value = Annotated[str, StringConstraints(max_length=16_384), AfterValidator(check_storable)]


class AlertmanagerAlert(BaseModel):
    """One alert of a delivery; what Alertmanager adds in later versions is ignored."""

    status: Status
    labels: Annotated[dict[Name, Value], Field(max_length=_MAX_LABELS)]
    annotations: Annotated[dict[Name, Value], Field(max_length=_MAX_LABELS)] = Field(default_factory=dict)
    starts_at: AwareDatetime = Field(alias="startsAt")
    ends_at: AwareDatetime | None = Field(default=None, alias="endsAt")
    generator_url: Value = Field(default="", alias="generatorURL")
    fingerprint: Annotated[str, StringConstraints(max_length=64)] = ""

    def alert(self) -> ExternalAlert:
        """Return the alert."""
        return ExternalAlert(
            status=self.status,
            labels=self.labels,
            annotations=self.annotations,
            starts_at=self.starts_at,
            ends_at=_known(self.ends_at),
            fingerprint=self.fingerprint,
            generator_url=self.generator_url,
        )


class AlertmanagerDelivery(BaseModel):
    """What Alertmanager's webhook sends, version 4."""

    version: Literal["4"]
    alerts: Annotated[list[AlertmanagerAlert], Field(max_length=_MAX_ALERTS)]
    truncated_alerts: int = Field(default=0, alias="truncatedAlerts", ge=0)


class AlertmanagerReceiptView(BaseModel):
    """What a delivery changed."""

    fired: int
    resolved: int
    unchanged: int = Field(
        description="Alerts that stood like that before: reminders and repeated deliveries."
    )
    dropped: int = Field(description="New alerts for which there was no room: 5,000 may be active.")
    truncated: int = Field(description="Alerts that the sender left out, by its own limit `max_alerts`.")

    @classmethod
    def of(cls, delivery: Delivery, truncated: int) -> Self:
        """Return the written form of what a delivery changed."""
        return cls(
            fired=delivery.fired,
            resolved=delivery.resolved,
            unchanged=delivery.unchanged,
            dropped=delivery.dropped,
            truncated=truncated,
        )


def _known(moment: datetime | None) -> datetime | None:
    """Alertmanager writes the year 1 for an end that is not known."""
    return None if moment is None or moment.year <= 1 else moment
