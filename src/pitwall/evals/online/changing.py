"""What becomes of a rule when what it says changes, and which rules packs bring and take away; pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from pitwall.evals.online.types import OnlineRule, PackRule, RuleContent
from pitwall.kit.clock import Clock
from pitwall.kit.ids import new_id

_NANOS_PER_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Adoption:
    """What has to be done so that the stored rules are those that the packs bring, and the teams' own."""

    saved: Sequence[OnlineRule] = ()
    removed: Sequence[OnlineRule] = ()


def new_rule(project_id: str, name: str, content: RuleContent, *, by: str, clock: Clock) -> OnlineRule:
    """A rule that scores traces that arrive from now on."""
    now_ms = clock.unix_nano() // _NANOS_PER_MS
    return OnlineRule(
        id=new_id(),
        project_id=project_id,
        name=name,
        content=content,
        is_enabled=True,
        begins_ms=now_ms,
        position_ms=now_ms,
        updated_at=clock.now(),
        updated_by=by,
    )


def changed_rule(
    before: OnlineRule, content: RuleContent, *, is_enabled: bool, by: str, clock: Clock
) -> OnlineRule:
    """A rule that says something else; it begins anew where it is switched on, or looks at other traces."""
    changed = replace(
        before,
        content=content,
        is_enabled=is_enabled,
        updated_at=clock.now(),
        updated_by=by,
        error=None,
        error_at=None,
    )
    now_ms = clock.unix_nano() // _NANOS_PER_MS
    begins_anew = is_enabled and (not before.is_enabled or before.content.filters != content.filters)
    return replace(changed, begins_ms=now_ms, position_ms=now_ms) if begins_anew else changed


def plan_adoption(
    stored: Iterable[OnlineRule], packs: Sequence[PackRule], projects: Collection[str], clock: Clock
) -> Adoption:
    """Compare the stored rules with those of packs.

    A rule of a team goes before a pack's of the same name. Whether a pack's rule is paused stays as it is.

    Args:
        stored: The rules of all projects.
        packs: What the packs bring now.
        projects: Those that there are; rules for others wait until there are.
        clock: When it is done.
    """
    known = {(one.project_id, one.name): one for one in stored}
    brought = {(one.project_id, one.name): one for one in packs if one.project_id in projects}
    removed = [one for key, one in known.items() if one.pack is not None and key not in brought]
    saved = []
    for key, pack in brought.items():
        before, by = known.get(key), f"pack {pack.pack}"
        if before is None:
            fresh = new_rule(pack.project_id, pack.name, pack.content, by=by, clock=clock)
            saved.append(replace(fresh, pack=pack.pack))
        elif before.pack is not None and (before.content, before.pack) != (pack.content, pack.pack):
            changed = changed_rule(before, pack.content, is_enabled=before.is_enabled, by=by, clock=clock)
            saved.append(replace(changed, pack=pack.pack))
    return Adoption(saved, removed)
