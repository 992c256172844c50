"""What can be done with rules that score live traces: save, look, delete; calls block."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from pitwall.access.types import Principal, require
from pitwall.core.errors import PitwallError
from pitwall.core.vocabulary import Scope
from pitwall.evals.metrics.registry import Registry
from pitwall.evals.metrics.types import Metric, Needs
from pitwall.evals.online.errors import OnlineRuleInvalid, OnlineRuleNotFound
from pitwall.evals.online.judging import asks_models
from pitwall.evals.online.repository import OnlineRules, Scorings, day_of
from pitwall.evals.online.types import OnlineRule, RuleContent, RuleState, content_view
from pitwall.kit.clock import Clock
from pitwall.kit.ids import new_id
from pitwall.kit.text import check_line
from pitwall.llm.budget import Budget, BudgetLimits
from pitwall.llm.profiles import ModelProfile
from pitwall.llm.types import Usage
from pitwall.stores.state import AuditEntry, AuditLog, Projects, StateStore
from pitwall.traces.wire import read_filters

MAX_NAME: Final = 100
_FAILED_SHOWN: Final = 10
_NANOS_PER_MS: Final = 1_000_000
_NOT_LIVE: Final = frozenset(
    (
        Needs.REFERENCE,
        Needs.REFERENCE_CONTEXTS,
        Needs.RELEVANCE,
        Needs.REFERENCE_TOOL_CALLS,
        Needs.TURNS,
    )
)
"""What no live trace has."""


class OnlineEvaluation:
    """Rules of all projects.

    Args:
        state: Where they are.
        clock: When something was done.
        registry: Finds metrics.
        profile: Finds models by the name of a profile.
        changed: Called after a rule was saved.
    """

    def __init__(
        self,
        state: StateStore,
        clock: Clock,
        *,
        registry: Callable[[], Registry],
        profile: Callable[[str | None], ModelProfile],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._state = state
        self._clock = clock
        self._registry = registry
        self._profile = profile
        self._changed = changed

    def list(self, project_id: str) -> Sequence[RuleState]:
        """Return all rules with what they do, by name."""
        with self._state.session(read_only=True) as session:
            rules = OnlineRules(session, project_id).all()
            return [self._state_of(Scorings(session, rule), rule, failed=0) for rule in rules]

    def get(self, project_id: str, name: str) -> RuleState:
        """Return a rule with what it does and its last errors.

        Raises:
            OnlineRuleNotFound: The project has no such rule.
        """
        with self._state.session(read_only=True) as session:
            rule = _found(OnlineRules(session, project_id), name)
            return self._state_of(Scorings(session, rule), rule, failed=_FAILED_SHOWN)

    def save(self, name: str, content: RuleContent, *, is_enabled: bool, by: Principal) -> RuleState:
        """Make a rule or change one; it scores traces that arrive from now on.

        A trace that a rule has scored is not scored again after a change of the rule.

        Raises:
            NotPermitted: The caller may not act.
            InvalidInput: It names something that there is not, or that no live trace has.
        """
        require(by, Scope.ACT)
        name = _checked_name(name)
        self._check(content)
        now = self._clock.now()
        with self._state.session() as session:
            Projects(session).get(by.project_id)
            rules = OnlineRules(session, by.project_id)
            before = rules.find(name, will_change=True)
            rule = self._changed_rule(before, name, content, is_enabled, by)
            rules.save(rule)
            details = {**content_view(content), "enabled": is_enabled}
            action = "online_rule.created" if before is None else "online_rule.changed"
            AuditLog(session).record(
                AuditEntry(now, by.actor, action, f"online_rule:{name}", by.project_id, details)
            )
        self._changed()
        return self.get(by.project_id, name)

    def delete(self, name: str, *, by: Principal) -> None:
        """Forget a rule; the scores that it gave stay beside their spans.

        Raises:
            NotPermitted: The caller may not act.
            OnlineRuleNotFound: The project has no such rule.
        """
        require(by, Scope.ACT)
        now = self._clock.now()
        with self._state.session() as session:
            rules = OnlineRules(session, by.project_id)
            rule = _found(rules, name, will_change=True)
            rules.remove(rule.id)
            AuditLog(session).record(
                AuditEntry(now, by.actor, "online_rule.deleted", f"online_rule:{name}", by.project_id)
            )

    def _changed_rule(
        self, before: OnlineRule | None, name: str, content: RuleContent, is_enabled: bool, by: Principal
    ) -> OnlineRule:
        """What is stored; a rule that was off begins anew where it is switched on."""
        now = self._clock.now()
        now_ms = self._clock.unix_nano() // _NANOS_PER_MS
        if before is None:
            return OnlineRule(
                id=new_id(),
                project_id=by.project_id,
                name=name,
                content=content,
                is_enabled=is_enabled,
                begins_ms=now_ms,
                position_ms=now_ms,
                updated_at=now,
                updated_by=by.actor,
            )
        changed = replace(
            before,
            content=content,
            is_enabled=is_enabled,
            updated_at=now,
            updated_by=by.actor,
            error=None,
            error_at=None,
        )
        begins_anew = is_enabled and (not before.is_enabled or before.content.filters != content.filters)
        return replace(changed, begins_ms=now_ms, position_ms=now_ms) if begins_anew else changed

    def _state_of(self, scorings: Scorings, rule: OnlineRule, *, failed: int) -> RuleState:
        day = day_of(self._clock.now())
        return RuleState(
            rule=rule,
            today=scorings.day(day),
            waiting=scorings.waiting(),
            failed=scorings.failed(day, failed) if failed else (),
        )

    def _check(self, content: RuleContent) -> None:
        read_filters(content.filters, now=self._clock.now())
        registry = self._registry()
        metrics = [registry.find(name) for name in content.metrics]
        for metric in metrics:
            _check_live(metric)
        names = [metric.spec.name for metric in metrics]
        if len(set(names)) < len(names):
            raise OnlineRuleInvalid("A metric is named twice.", hint="Name each metric once.")
        if any(map(asks_models, metrics)):
            self._check_models(content, metrics)

    def _check_models(self, content: RuleContent, metrics: Sequence[Metric]) -> None:
        try:
            profile = self._profile(content.profile)
            budget = Budget(BudgetLimits(max_cost_usd=content.max_cost_usd_per_day), self._clock.monotonic)
            budget.check_priced(profile.judge, Usage(1, 1))
        except PitwallError as error:
            raise OnlineRuleInvalid(
                f"The metrics of the rule ask models: {error.message}", hint=error.hint
            ) from error
        missing = [
            one.spec.name for one in metrics if one.spec.needs_embeddings and profile.embedding is None
        ]
        if missing:
            raise OnlineRuleInvalid(
                f"{', '.join(missing)}: profile {profile.name!r} names no embedding model.",
                hint="Add `embedding: {provider, model}` to the profile.",
            )


def _check_live(metric: Metric) -> None:
    absent = sorted(need.value for need in metric.spec.needs & _NOT_LIVE)
    if absent:
        raise OnlineRuleInvalid(
            f"Metric {metric.spec.name!r} needs {', '.join(absent)}, which live traces do not have.",
            hint="Make a dataset of traces with `pitwall datasets from-traces`, add references, and use "
            "`pitwall eval run`.",
            details={"metric": metric.spec.name, "needs": absent},
        )


def _checked_name(name: str) -> str:
    try:
        checked = check_line(name.strip())
    except ValueError as error:
        raise OnlineRuleInvalid(f"The name of the rule {error}.") from error
    if not 0 < len(checked) <= MAX_NAME or "/" in checked:
        raise OnlineRuleInvalid(
            f"{checked!r} is no name of a rule.", hint=f"Give 1 to {MAX_NAME} characters without a slash."
        )
    return checked


def _found(rules: OnlineRules, name: str, *, will_change: bool = False) -> OnlineRule:
    rule = rules.find(name, will_change=will_change)
    if rule is None:
        raise OnlineRuleNotFound(
            f"There is no rule {name!r} that scores live traces.",
            hint="`pitwall eval online list` lists them.",
        )
    return rule
