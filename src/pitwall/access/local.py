"""Keys in the state store itself, for when no server runs; answers are in the API's shape."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from pitwall.access.authenticators import LOCAL_OPERATOR
from pitwall.access.schemas import IssuedKeyView, KeyList, KeyView, NewKey
from pitwall.access.service import AccessService
from pitwall.core.errors import InvalidInput
from pitwall.kit.clock import Clock
from pitwall.stores.state import StateStore


class LocalKeys:
    """Keys in the state store; whoever may write to it is the operator."""

    def __init__(self, state: StateStore, clock: Clock) -> None:
        self._access = AccessService(state, clock)

    def create(self, body: dict[str, Any]) -> dict[str, Any]:
        """Make a key as `POST /api/v1/keys` does.

        Raises:
            InvalidInput: The body is not what a key can be made of.
        """
        try:
            wanted = NewKey.model_validate(body)
        except ValidationError as exc:
            first = exc.errors(include_url=False, include_input=False)[0]
            raise InvalidInput(f"{'.'.join(map(str, first['loc']))}: {first['msg']}.") from exc
        issued = self._access.create_key(wanted.request(by=LOCAL_OPERATOR), by=LOCAL_OPERATOR)
        return IssuedKeyView.of_issued(issued).model_dump(mode="json")

    def list(self, project: str | None) -> dict[str, Any]:
        """Return keys as `GET /api/v1/keys` does."""
        found = self._access.list_keys(by=LOCAL_OPERATOR, project_id=project)
        return KeyList.of(found).model_dump(mode="json")

    def revoke(self, key_id: str) -> dict[str, Any]:
        """Revoke a key as `DELETE /api/v1/keys/{id}` does."""
        return KeyView.of(self._access.revoke_key(key_id, by=LOCAL_OPERATOR)).model_dump(mode="json")
