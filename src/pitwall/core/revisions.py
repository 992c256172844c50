"""Saving what somebody edited, without overwriting what somebody else saved in the meantime."""

from __future__ import annotations

from pitwall.core.errors import Conflict


def check_revision(
    kind: str, name: str, current: str, edited: str | None, *, saved_by: str | None, error: type[Conflict]
) -> None:
    """Refuse a save that was made from another revision than the one in force.

    Args:
        kind: What is saved, in a word or two, as `board`.
        name: Which one.
        current: The revision in force; empty if there is none.
        edited: The one that was edited; empty if the thing is to be new, None to replace whatever there is.
        saved_by: Who saved the one in force; None if it is a pack's, or gone.
        error: What is raised, with `details.revision` where there is something to look at again.
    """
    if edited is None or edited == current:
        return
    if edited == "":
        hint = f"Choose another name, or edit that {kind}."
        raise error(f"The {kind} {name!r} already exists.", hint=hint)
    who = f"{saved_by} saved" if saved_by is not None else "Somebody deleted or upgraded"
    raise error(
        f"{who} the {kind} {name!r} in the meantime.",
        hint="Look at it again and repeat your change; nothing was saved.",
        details={"revision": current},
    )
