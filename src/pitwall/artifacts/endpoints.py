"""`POST /api/v1/alerts/alertmanager`: the receiver of an Alertmanager."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.artifacts.external_alerts import ExternalAlerts
from pitwall.artifacts.schemas import AlertmanagerDelivery, AlertmanagerReceiptView
from pitwall.core.vocabulary import Scope

Sender = Annotated[Principal, requires(Scope.INGEST)]


def alertmanager_router(external: ExternalAlerts) -> APIRouter:
    """Return the endpoint that takes Alertmanager's deliveries."""
    router = APIRouter(prefix="/api/v1/alerts", tags=["alerts"])

    @router.post("/alertmanager", summary="Take alerts of an Alertmanager")
    def receive(principal: Sender, body: AlertmanagerDelivery) -> AlertmanagerReceiptView:
        """Make alerts of rules `external.<alertname>` of what an Alertmanager's webhook sends.

        A repeated delivery changes nothing.
        """
        delivery = external.receive([alert.alert() for alert in body.alerts], by=principal)
        return AlertmanagerReceiptView.of(delivery, body.truncated_alerts)

    return router
