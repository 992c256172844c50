"""What principals may do, and on which project."""

from __future__ import annotations

import pytest

from pitwall.access import Principal, PrincipalKind, Role, require
from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.access.exposure import UnsafeBinding, check_exposure
from pitwall.core.errors import NotPermitted
from pitwall.core.vocabulary import Scope

READER = Principal(PrincipalKind.API_KEY, "k1", "shop", frozenset({Scope.READ}), Role.VIEWER)


def test_missing_scope_is_refused_by_name() -> None:
    """The error says which scope is needed, which there are, and how to get a key that has it."""
    require(READER, Scope.READ)
    with pytest.raises(NotPermitted, match=r"'act'.*api_key:k1 has read.*--scopes act"):
        require(READER, Scope.ACT)


def test_key_cannot_choose_another_project() -> None:
    """The key decides the project; asking for another one is refused, asking for its own is not."""
    assert READER.on_project("shop") is READER
    assert READER.on_project(None) is READER
    with pytest.raises(NotPermitted, match=r"'shop'.*'bank'"):
        READER.on_project("bank")


def test_local_operator_chooses_the_project() -> None:
    """Who sits at the machine may look at every project."""
    assert LOCAL_OPERATOR.on_project("bank").project_id == "bank"
    assert LOCAL_OPERATOR.project_id == "default"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.10", "pitwall.internal", ""])
def test_open_address_without_keys_is_refused_with_the_command(host: str) -> None:
    """Listening where strangers can call needs a key; the message holds the command that makes one."""
    with pytest.raises(UnsafeBinding, match="pitwall keys create"):
        check_exposure(host, has_keys=False)
    check_exposure(host, has_keys=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_needs_no_key(host: str) -> None:
    """On loopback only this machine can call."""
    check_exposure(host, has_keys=False)
