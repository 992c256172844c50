"""What can be done with rules that score live traces: save, look, delete; calls block."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import Connection

from pitwall.access.types import Principal, require
from pitwall.core.errors import PitwallError
from pitwall.core.vocabulary import Scope
from pitwall.evals.metrics.registry import Registry
from pitwall.evals.metrics.types import Metric
from pitwall.evals.online.changing import changed_rule, new_rule
from pitwall.evals.online.checks import checked_metrics, checked_name
from pitwall.evals.online.errors import OnlineRuleFromPack, OnlineRuleInvalid, OnlineRuleNotFound
from pitwall.evals.online.judging import asks_models
from pitwall.evals.online.repository import OnlineRules, Scorings, day_of
from pitwall.evals.online.types import OnlineRule, RuleContent, RuleState, content_view
from pitwall.kit.clock import Clock
from pitwall.llm.budget import Budget, BudgetLimits
from pitwall.llm.profiles import ModelProfile
from pitwall.llm.types import Usage
from pitwall.stores.state import AuditEntry, AuditLog, Projects, StateStore

_LAST_SHOWN: Final = 20
_FAILED_SHOWN: Final = 10


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
            return [self._state_of(Scorings(session, rule), rule) for rule in rules]

    def get(self, project_id: str, name: str) -> RuleState:
        """Return a rule with what it does, what it said last and its last errors.

        Raises:
            OnlineRuleNotFound: The project has no such rule.
        """
        with self._state.session(read_only=True) as session:
            rule = _found(OnlineRules(session, project_id), name)
            scorings = Scorings(session, rule)
            return replace(
                self._state_of(scorings, rule),
                last=scorings.last(_LAST_SHOWN),
                failed=scorings.failed(day_of(self._clock.now()), _FAILED_SHOWN),
            )

    def save(self, name: str, content: RuleContent, *, is_enabled: bool, by: Principal) -> RuleState:
        """Make a rule or change one; it scores traces that arrive from now on.

        A trace that a rule has scored is not scored again after a change of the rule.

        Raises:
            NotPermitted: The caller may not act.
            InvalidInput: It names something that there is not, or that no live trace has.
            OnlineRuleFromPack: A pack brings a rule of this name.
        """
        require(by, Scope.ACT)
        name = checked_name(name)
        self._check(content)
        with self._state.session() as session:
            Projects(session).get(by.project_id)
            rules = OnlineRules(session, by.project_id)
            before = _not_of_pack(rules.find(name, will_change=True))
            if before is None:
                fresh = new_rule(by.project_id, name, content, by=by.actor, clock=self._clock)
                rule = replace(fresh, is_enabled=is_enabled)
            else:
                rule = changed_rule(before, content, is_enabled=is_enabled, by=by.actor, clock=self._clock)
            rules.save(rule)
            self._record(session, "created" if before is None else "changed", rule, by)
        self._changed()
        return self.get(by.project_id, name)

    def switch(self, name: str, *, is_enabled: bool, by: Principal) -> RuleState:
        """Pause a rule, or let it go on with traces that arrive from now on; also one of a pack.

        Raises:
            NotPermitted: The caller may not act.
            OnlineRuleNotFound: The project has no such rule.
        """
        require(by, Scope.ACT)
        with self._state.session() as session:
            rules = OnlineRules(session, by.project_id)
            before = _found(rules, name, will_change=True)
            if before.is_enabled != is_enabled:
                rule = changed_rule(
                    before, before.content, is_enabled=is_enabled, by=by.actor, clock=self._clock
                )
                rules.save(rule)
                self._record(session, "changed", rule, by)
        self._changed()
        return self.get(by.project_id, name)

    def delete(self, name: str, *, by: Principal) -> None:
        """Forget a rule; the scores that it gave stay beside their spans.

        Raises:
            NotPermitted: The caller may not act.
            OnlineRuleNotFound: The project has no such rule.
            OnlineRuleFromPack: A pack brings it.
        """
        require(by, Scope.ACT)
        now = self._clock.now()
        with self._state.session() as session:
            rules = OnlineRules(session, by.project_id)
            rule = _found(rules, name, will_change=True)
            _not_of_pack(rule)
            rules.remove(rule.id)
            AuditLog(session).record(
                AuditEntry(now, by.actor, "online_rule.deleted", f"online_rule:{name}", by.project_id)
            )

    def _record(self, session: Connection, what: str, rule: OnlineRule, by: Principal) -> None:
        details = {**content_view(rule.content), "enabled": rule.is_enabled}
        AuditLog(session).record(
            AuditEntry(
                self._clock.now(),
                by.actor,
                f"online_rule.{what}",
                f"online_rule:{rule.name}",
                by.project_id,
                details,
            )
        )

    def _state_of(self, scorings: Scorings, rule: OnlineRule) -> RuleState:
        return RuleState(rule=rule, today=scorings.day(day_of(self._clock.now())), waiting=scorings.waiting())

    def _check(self, content: RuleContent) -> None:
        metrics = checked_metrics(content, self._registry(), self._clock.now())
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


def _not_of_pack(rule: OnlineRule | None) -> OnlineRule | None:
    if rule is not None and rule.pack is not None:
        raise OnlineRuleFromPack(
            f"Online rule {rule.name!r} comes with pack {rule.pack!r}.",
            hint="Change it in the pack's file, or pause it with `pitwall eval online disable`.",
        )
    return rule


def _found(rules: OnlineRules, name: str, *, will_change: bool = False) -> OnlineRule:
    rule = rules.find(name, will_change=will_change)
    if rule is None:
        raise OnlineRuleNotFound(
            f"There is no rule {name!r} that scores live traces.",
            hint="`pitwall eval online list` lists them.",
        )
    return rule
