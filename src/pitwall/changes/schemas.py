"""The wire shapes of changes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from pitwall.changes.types import ChangeFacts, NewChange, ToldKind
from pitwall.kit.text import check_line


def _check_link(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError("is no http or https address")
    return text


def _line(longest: int) -> object:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=longest)


Title = Annotated[str, _line(300), AfterValidator(check_line)]
Word = Annotated[str, _line(200), AfterValidator(check_line)]
Link = Annotated[str, _line(2000), AfterValidator(check_line), AfterValidator(_check_link)]
Origin = Literal["told", "seen"]


class ChangeBody(BaseModel):
    """A change to tell of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: ToldKind = Field(description="What was changed.")
    title: Title = Field(description="In one line, as people should read it.", examples=["voc-chat 1.8.2"])
    at: AwareDatetime | None = Field(default=None, description="When it was made; null for now.")
    environment: Word | None = None
    service: Word | None = Field(default=None, description="Whose change it is; null for all services.")
    before: Word | None = Field(default=None, description="The old value, such as a version.")
    after: Word | None = Field(default=None, description="The new value.")
    link: Link | None = Field(default=None, description="Where more of it can be read.")
    idempotency_key: Word | None = Field(
        default=None,
        description="Names the change for its sender, such as the id of a deployment: a repeated request "
        "with the same key adds nothing.",
    )

    def change(self) -> NewChange:
        """Return the change."""
        facts = ChangeFacts(
            kind=self.kind,
            title=self.title,
            environment=self.environment,
            service=self.service,
            before=self.before,
            after=self.after,
            link=self.link,
        )
        return NewChange(facts=facts, at=self.at, idempotency_key=self.idempotency_key)


class ListedChangeView(BaseModel):
    """A change: told of by somebody, or seen in telemetry for the first time."""

    id: str | None = Field(description="Null for what was seen.")
    origin: Origin = Field(
        description="`told` if somebody told of it, `seen` if telemetry showed it for the first time."
    )
    at: datetime
    kind: str = Field(
        description="Of what was told: `deploy`, `model`, `prompt`, `config`, `index`, `route`, `runbook`, "
        "`note`; of what was seen: `environment`, `service`, `version`, `model`, `prompt`."
    )
    title: str | None = Field(description="What was told in one line; null for what was seen.")
    subject: str = Field(description="What changed: a service for its version, a prompt's name, the title.")
    environment: str | None
    service: str | None
    before: str | None
    after: str | None
    link: str | None
    by: str | None = Field(description="Who told of it.")


class ListedChanges(BaseModel):
    """Changes of a range, newest first."""

    since: datetime
    until: datetime
    changes: list[ListedChangeView]
    next_cursor: str | None = Field(description="Where the next page begins; null at the end.")


class RecordedChange(ListedChangeView):
    """A change as it is kept."""

    recorded_at: datetime
    is_new: bool = Field(description="False if it was told of before under the same key.")
