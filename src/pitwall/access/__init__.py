"""Access: who calls, for which project, and what they may do."""

from __future__ import annotations

from pitwall.access.types import Principal, PrincipalKind, Role, require

__all__ = ["Principal", "PrincipalKind", "Role", "require"]
