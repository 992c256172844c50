"""`/api/v1/alerts`: looking at alerts and rules with the scope read, changing rules with act."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query

from pitwall.access.dependencies import requires
from pitwall.access.types import Principal
from pitwall.alerts.checks import notices_of
from pitwall.alerts.errors import RuleInvalid
from pitwall.alerts.preview import Previewer, preview_view
from pitwall.alerts.rules import Rule
from pitwall.alerts.service import AlertQuery, AlertService
from pitwall.alerts.types import AlertState
from pitwall.alerts.views import (
    AlertCounts,
    AlertDetail,
    AlertList,
    AlertView,
    HistoryView,
    ParsedRule,
    PreviewBody,
    PreviewView,
    RuleList,
    RuleRemoval,
    RuleSave,
    RuleSwitch,
    RuleView,
    RuleYaml,
    RuleYamlText,
)
from pitwall.alerts.wire import alert_view, history_view, rule_yaml, text_view
from pitwall.core.vocabulary import Scope, Severity

Reader = Annotated[Principal, requires(Scope.READ)]
Operator = Annotated[Principal, requires(Scope.ACT)]
_States = Annotated[
    list[AlertState] | None, Query(alias="state", description="Only those in one of these states.")
]
_Rule = Annotated[str | None, Query(max_length=64, description="Only those of this rule.")]
_Limit = Annotated[int, Query(ge=1, le=500)]


IncidentsOf = Callable[[str, Collection[str]], Mapping[str, str]]
"""Finds the incidents that have alerts of a project, by the alerts' ids."""
QuietOf = Callable[[str], Mapping[str, Mapping[str, Any]]]
"""Tells why nobody is told of alerts of a project: `silenced_by`, `inhibited_by`, `muted_by` by alert id."""


def alerts_router(
    alerts: AlertService,
    previewer: Previewer,
    incidents_of: IncidentsOf = lambda *_: {},
    quiet_of: QuietOf = lambda _: {},
) -> APIRouter:
    """Return the endpoints of alerts and rules; they run on worker threads."""
    router = APIRouter(prefix="/api/v1/alerts", tags=["alerts"])
    _add_lists(router, alerts, incidents_of, quiet_of)
    _add_reading(router, alerts)  # before single alerts: `rules` is no alert
    _add_preview(router, alerts, previewer)
    _add_changing(router, alerts)
    _add_alert(router, alerts, incidents_of, quiet_of)
    return router


def _add_lists(router: APIRouter, alerts: AlertService, incidents_of: IncidentsOf, quiet_of: QuietOf) -> None:
    @router.get("", summary="List alerts")
    def list_alerts(
        principal: Reader,
        states: _States = None,
        severity: Severity | None = None,
        rule: _Rule = None,
        limit: _Limit = 100,
        cursor: str | None = None,
    ) -> AlertList:
        """Return alerts, the last changed first, and how many are in each state."""
        query = AlertQuery(states or (), severity, rule, limit, cursor)
        page, counts = alerts.list(principal.project_id, query)
        errors = alerts.rule_errors(principal.project_id)
        incidents = incidents_of(principal.project_id, [one.id for one in page.items])
        quiet = quiet_of(principal.project_id) if page.items else {}
        views = [
            {
                **alert_view(one, error=errors.get(one.rule), incident_id=incidents.get(one.id)),
                **quiet.get(one.id, {}),
            }
            for one in page.items
        ]
        return AlertList(
            alerts=[AlertView.model_validate(view) for view in views],
            counts=AlertCounts.model_validate({state.value: count for state, count in counts.items()}),
            next_cursor=page.next_cursor,
        )


def _add_alert(router: APIRouter, alerts: AlertService, incidents_of: IncidentsOf, quiet_of: QuietOf) -> None:
    @router.get("/{alert_id}", summary="Show an alert")
    def get_alert(principal: Reader, alert_id: str) -> AlertDetail:
        """Return one alert and what happened to it."""
        alert, history = alerts.get(principal.project_id, alert_id)
        error = alerts.rule_errors(principal.project_id).get(alert.rule)
        incident_id = incidents_of(principal.project_id, [alert.id]).get(alert.id)
        quiet = quiet_of(principal.project_id).get(alert.id, {})
        view = {**alert_view(alert, error=error, incident_id=incident_id), **quiet}
        return AlertDetail(
            **AlertView.model_validate(view).model_dump(),
            history=[HistoryView.model_validate(history_view(one)) for one in history],
        )


def _add_reading(router: APIRouter, alerts: AlertService) -> None:
    @router.get("/rules", summary="List alert rules")
    def list_rules(principal: Reader) -> RuleList:
        """Return the rules of the packs, as the team changed them, and the team's own."""
        return RuleList(rules=[RuleView.of(one) for one in alerts.rules(principal.project_id)])

    @router.post("/rules/parse", summary="Read an alert rule from YAML")
    def parse_rule(_principal: Reader, text: RuleYamlText) -> ParsedRule:
        """Return the rule that a text describes, or the lines that are wrong; nothing is saved."""
        rule = alerts.parse(text.yaml)
        return ParsedRule(rule=dict(rule.content), notices=[text_view(one.text) for one in notices_of(rule)])

    @router.get("/rules/{name}", summary="Show an alert rule")
    def get_rule(principal: Reader, name: str) -> RuleView:
        """Return one rule, what of it cannot be evaluated any more, and how its evaluation went."""
        return RuleView.of(alerts.rule(principal.project_id, name))

    @router.get("/rules/{name}/yaml", summary="Show an alert rule as YAML")
    def get_rule_yaml(principal: Reader, name: str) -> RuleYaml:
        """Return one rule as a pack would write it."""
        return RuleYaml(yaml=rule_yaml(alerts.readable_rule(principal.project_id, name)))


def _add_preview(router: APIRouter, alerts: AlertService, previewer: Previewer) -> None:
    @router.post("/rules/preview", summary="Run an alert rule over the past")
    def preview_rule(principal: Reader, body: PreviewBody) -> PreviewView:
        """Return how often a rule would have fired, and when; nothing is saved or told."""
        rule = _chosen_rule(alerts, principal.project_id, body)
        since, until = previewer.read_range(body.since, body.until)
        found = previewer.preview(principal.project_id, rule, since, until)
        return PreviewView.model_validate(preview_view(found))


def _chosen_rule(alerts: AlertService, project_id: str, body: PreviewBody) -> Rule:
    given = [one for one in (body.rule, body.yaml, body.name) if one is not None]
    if len(given) != 1:
        raise RuleInvalid("Give exactly one of rule, yaml and name.")
    if body.rule is not None:
        return body.rule.rule()
    if body.yaml is not None:
        return alerts.parse(body.yaml)
    return alerts.readable_rule(project_id, str(body.name))


def _add_changing(router: APIRouter, alerts: AlertService) -> None:
    @router.put("/rules/{name}", summary="Save an alert rule")
    def save_rule(principal: Operator, name: str, body: RuleSave) -> RuleView:
        """Save a rule of the project, or its version of a pack's rule.

        With `revision`, 409 if somebody else saved it in the meantime.
        """
        if body.name != name:
            raise RuleInvalid(
                f"The rule in the body is called {body.name!r}, the one in the address {name!r}."
            )
        alerts.save(body.rule(), by=principal, revision=body.revision)
        return RuleView.of(alerts.rule(principal.project_id, name))

    @router.post("/rules/{name}/switch", summary="Enable or disable an alert rule")
    def switch_rule(principal: Operator, name: str, body: RuleSwitch) -> RuleView:
        """Let a rule be evaluated or not; its alerts end as `rule_changed` when it is disabled."""
        alerts.enable(name, is_enabled=body.is_enabled, by=principal)
        return RuleView.of(alerts.rule(principal.project_id, name))

    @router.delete("/rules/{name}", summary="Delete an alert rule")
    def delete_rule(principal: Operator, name: str) -> RuleRemoval:
        """Forget what the team saved; a changed rule of a pack goes back to the pack's."""
        left = alerts.delete(name, by=principal)
        if left is None:
            return RuleRemoval(rule=None)
        return RuleRemoval(rule=RuleView.of(alerts.rule(principal.project_id, name)))
