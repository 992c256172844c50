"""What can go wrong before a model is asked; failures of calls are `CallFailed` in `types`."""

from __future__ import annotations

from pitwall.core.errors import InvalidInput, NotFound


class ProfilesInvalid(InvalidInput):
    """The file of model profiles cannot be read, or is wrong at the named lines."""

    default_code = "models.file_invalid"


class ProfileUnknown(NotFound):
    """There is no model profile of this name; `simulated` is always there."""

    default_code = "models.profile_unknown"


class ProfileUnusable(InvalidInput):
    """A model profile lacks something that only shows when it is used, such as a secret that is not set."""

    default_code = "models.profile_unusable"


class CallNotFound(NotFound):
    """There is no call to a model under this key."""

    default_code = "llm.call_not_found"
