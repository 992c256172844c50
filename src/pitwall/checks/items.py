"""The items of checklists as people write them: typed kinds, each with what it needs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, JsonValue, StringConstraints, TypeAdapter

from pitwall.kit.documented import Documented
from pitwall.kit.durations import parse_duration
from pitwall.kit.i18n import Text
from pitwall.kit.text import check_line
from pitwall.probes.types import JsonExpectation
from pitwall.signals.bands import parse_limit

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.-]{0,63}$")]
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000), AfterValidator(check_line)
]


def _check_duration(text: str) -> str:
    if parse_duration(text).total_seconds() <= 0:
        raise ValueError("is no length of time")
    return text


def _check_limit(text: str) -> str:
    try:
        parse_limit(text)
    except Exception as error:
        raise ValueError("is no limit; write for example > 0.05") from error
    return text


Duration = Annotated[str, AfterValidator(_check_duration)]
LimitText = Annotated[str, AfterValidator(_check_limit)]


class Written(Documented):
    """What people write: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class BothLanguages(Written):
    """A text in English and Korean."""

    en: Line
    ko: Line

    def text(self) -> Text:
        """Return it as a text."""
        return Text(self.en, self.ko)


class Item(Written):
    """What every item has, whatever it looks at. `{name}` in any text stands for a variable."""

    name: Name
    title: BothLanguages
    todo: BothLanguages
    """What to do when it is not as it should be."""
    kind: str
    """What is looked at."""
    severity: Literal["failed", "warning"] = "failed"
    """What it is when it is not as it should be."""
    timeout_seconds: Annotated[float, Field(gt=0, le=200)] = 20.0
    """How long looking may take."""


class HttpItem(Item):
    """An address answers as it should."""

    kind: Literal["http"] = "http"
    url: Line
    status: tuple[int, ...] = ()
    contains: Line | None = None
    json_value: JsonExpectation | None = Field(default=None, alias="json")

    model_config = ConfigDict(populate_by_name=True)


class ProbesItem(Item):
    """The probes of the project find their services up; they are run now."""

    kind: Literal["probes"] = "probes"
    of: tuple[Line, ...] = ()
    """Kinds of probes; none means all."""


class TraceFilesGrowItem(Item):
    """Applications write into a directory of trace files, and what they write is taken in."""

    kind: Literal["trace_files_grow"] = "trace_files_grow"
    path: Line
    within: Duration = "24h"


class SignalItem(Item):
    """A signal over the last while is not beyond a limit, or not in a bad band."""

    kind: Literal["signal"] = "signal"
    signal: Line
    over: Duration = "24h"
    where: Line | None = None
    limit: LimitText | None = None
    """What it must not be, such as `> 0.05`; without one the bands of the signal decide."""
    min_count: Annotated[int, Field(ge=1)] = 1
    """Fewer observations are no data."""


class SignalTrendItem(Item):
    """A signal has not become worse against the time before."""

    kind: Literal["signal_trend"] = "signal_trend"
    signal: Line
    over: Duration = "7d"
    where: Line | None = None
    worse: Literal["falls", "grows"]
    by_ratio: Annotated[float, Field(gt=0)] = 0.1
    """By how much of what it was."""
    min_count: Annotated[int, Field(ge=1)] = 20


class RetentionItem(Item):
    """The telemetry store keeps each class for as long as the settings say."""

    kind: Literal["retention"] = "retention"


class ArchiveItem(Item):
    """No trace file that is old enough for the archive lies about."""

    kind: Literal["archive"] = "archive"
    path: Line
    older_than: Duration = "30d"


class SettingsItem(Item):
    """The server runs with what the caller's environment and file say now, safely, and as expected."""

    kind: Literal["settings"] = "settings"
    expect: dict[str, str] = Field(default={})
    """Values by setting path."""


class DocsIndexedItem(Item):
    """The documents are those that were indexed last."""

    kind: Literal["docs_indexed"] = "docs_indexed"
    path: Line
    """Directory of the documents; `pitwall checks indexed DIR` notes what was indexed."""


class ModelTagsItem(Item):
    """Ollama has the models that are pinned, unchanged."""

    kind: Literal["model_tags"] = "model_tags"
    url: Line
    models: Line
    """Names separated by commas, each with the beginning of its digest if that is pinned: `bge-m3@790764`."""


class SmokeItem(Item):
    """The application answers questions as it should."""

    kind: Literal["smoke"] = "smoke"
    url: Line
    questions: Annotated[tuple[SmokeQuestion, ...], Field(max_length=50)] = ()
    file: Line | None = None
    """YAML file of questions, beside those here or instead of them."""
    body: dict[str, JsonValue] = Field(default={"question": "{question}"})
    """What is sent; `{question}` stands for the question."""
    answer: Line = "answer"
    """Where the answer stands in what comes back."""


class SmokeQuestion(Written):
    """A question and what its answer has to be like."""

    question: Line
    contains: tuple[Line, ...] = ()
    """Texts of which at least one has to be in the answer."""
    excludes: tuple[Line, ...] = ()
    """Texts that must not be in it."""
    min_characters: Annotated[int, Field(ge=0)] = 1
    max_seconds: Annotated[float, Field(gt=0)] = 60.0
    has: tuple[Line, ...] = ()
    """Places in what comes back that must not be empty, such as `sources.0`."""


class SecretsItem(Item):
    """No secret stands in the files of a git tree, or of a directory; what is found is not shown."""

    kind: Literal["secrets"] = "secrets"
    path: Line
    exclude: tuple[Line, ...] = ()
    """Patterns of paths to leave out, such as `tests/*`."""


class OneDatabaseItem(Item):
    """The command line, the API and the UI look at the same data."""

    kind: Literal["one_database"] = "one_database"


class RunFindableItem(Item):
    """A run can be found by its id."""

    kind: Literal["run_findable"] = "run_findable"
    run_id: Line | None = None
    """Which; none means the newest that telemetry names."""


class ArtifactsIndexItem(Item):
    """Directories of artifacts have an `index.json` that names what is there."""

    kind: Literal["artifacts_index"] = "artifacts_index"
    path: Line


class SanitiserItem(Item):
    """Secrets are masked before anything is stored."""

    kind: Literal["sanitiser"] = "sanitiser"
    rules: tuple[Line, ...] = ("secrets",)
    """Groups of rules that must be in force."""


SmokeItem.model_rebuild()

AnyItem = Annotated[
    HttpItem
    | ProbesItem
    | TraceFilesGrowItem
    | SignalItem
    | SignalTrendItem
    | RetentionItem
    | ArchiveItem
    | SettingsItem
    | DocsIndexedItem
    | ModelTagsItem
    | SmokeItem
    | SecretsItem
    | OneDatabaseItem
    | RunFindableItem
    | ArtifactsIndexItem
    | SanitiserItem,
    Field(discriminator="kind"),
]
ITEM: TypeAdapter[Item] = TypeAdapter(AnyItem)


class WrittenChecklist(Written):
    """A file of a pack, or of the user: a list, or items that are added to one of that name."""

    name: Name
    title: BothLanguages | None = None
    description: BothLanguages | None = None
    items: list[AnyItem]


def item_view(item: Item) -> dict[str, Any]:
    """An item as a JSON object; what is as by default is left out."""
    return {"kind": item.kind, **item.model_dump(mode="json", by_alias=True, exclude_defaults=True)}
