"""Where settings come from: flags, environment, one YAML file. Each becomes a flat table path -> `Origin`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from pitwall.core.errors import InvalidInput
from pitwall.kit.documented import field_descriptions
from pitwall.settings.groups import Settings

PREFIX = "PITWALL_"
DEFAULT_FILE = "pitwall.yaml"

# Names that users of earlier tools have in their environment, and the setting each one means.
ALIASES: Mapping[str, str] = {
    "AI_ASSIST_ALERT_WEBHOOK_URL": "alert_webhook_url",
    "AI_ASSIST_LOG_FORMAT": "logging.format",
    "AI_ASSIST_LOG_LEVEL": "logging.level",
    "AI_ASSIST_METRICS_ENABLED": "metrics_enabled",
    "AI_ASSIST_TRACING_ENABLED": "tracing_enabled",
    "CHROMA_COLLECTION": "voc.chroma_collection",
    "CHROMA_DIR": "voc.chroma_dir",
    "DOCS_DIR": "voc.docs_dir",
    "OLLAMA_BASE_URL": "voc.ollama_base_url",
    "OLLAMA_EMBED_MODEL": "voc.ollama_embed_model",
    "OLLAMA_MODEL": "voc.ollama_model",
    "TRACE_DIR": "ingest.trace_dir",
    "TRACE_ENABLE": "ingest.trace_enable",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """A value as it was given, and who gave it.

    Attributes:
        value: Text from a flag or variable, or the parsed YAML value.
        source: `flag`, `environment`, `file`, `profile` or `default`.
        place: Variable name, `file:line`, flag or profile name; empty for a default.
    """

    value: Any = field(repr=False)
    source: str
    place: str = ""

    def __str__(self) -> str:
        return f"{self.source} {self.place}".rstrip()


Layer = Mapping[str, Origin]


@cache
def setting_fields() -> Mapping[str, FieldInfo]:
    """Return every setting by its dotted path, in the order of the classes."""
    return dict(_walk(Settings, ""))


def _walk(group: type[BaseModel], prefix: str) -> Iterator[tuple[str, FieldInfo]]:
    for name, info in group.model_fields.items():
        if isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel):
            yield from _walk(info.annotation, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", info


def setting_description(path: str) -> str:
    """Return what the docstring below a setting says; reads the source of its class."""
    *groups, name = path.split(".")
    holder: Any = Settings
    for group in groups:
        holder = holder.model_fields[group].annotation
    return field_descriptions(holder)[name]


def variable_name(path: str) -> str:
    """Return the environment variable of a setting: `server.port` -> `PITWALL_SERVER__PORT`."""
    return PREFIX + path.replace(".", "__").upper()


def from_flags(flags: Mapping[str, Any]) -> Layer:
    """Take settings given on the command line; a flag that is None was not given.

    Args:
        flags: Value by setting path, for example `{"server.port": 8400}`.

    Raises:
        InvalidInput: A path names no setting (a mistake of the caller).
    """
    given = {path: value for path, value in flags.items() if value is not None}
    for path in given:
        if path not in setting_fields():
            raise _unknown_key(path, "flag")
    return {path: Origin(value, "flag", path) for path, value in given.items()}


def from_environment(environ: Mapping[str, str]) -> Layer:
    """Take settings from variables: Pitwall's own names win over aliases, empty means not set.

    Raises:
        InvalidInput: A variable `PITWALL_GROUP__NAME` names no setting. Other variables that begin with
            `PITWALL_` are left alone: orchestrators make such names from the names of services.
    """
    own_names = {variable_name(path): path for path in setting_fields()}
    layer: dict[str, Origin] = {}
    for name, path in ALIASES.items():
        if environ.get(name):
            layer[path] = Origin(environ[name], "environment", name)
    for name in sorted(environ):
        if name in own_names and environ[name]:
            layer[own_names[name]] = Origin(environ[name], "environment", name)
        elif name.startswith(PREFIX) and "__" in name and name not in own_names:
            raise _unknown_key(name, "environment", known=own_names)
    return layer


def from_file(path: Path) -> Layer:
    """Read a YAML file of settings.

    Raises:
        InvalidInput: The file is missing, is no YAML mapping, repeats a key, or holds an unknown key; the
            message names file, line and the nearest valid key.
    """
    try:
        root = yaml.compose(_read_text(path), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise _bad_file(path, mark.line if mark else 0, f"not valid YAML: {error.problem}.") from error
    except yaml.YAMLError as error:
        raise _bad_file(path, 0, "not valid YAML: it holds characters that YAML does not allow.") from error
    if root is None:
        return {}
    return dict(_read_mapping(root, path, ""))


def _read_text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise InvalidInput(
            f"Settings file {path} cannot be read: {error.strerror}.",
            code="settings.file_unreadable",
            hint="Give an existing file with --config, or leave the option out.",
        ) from error
    except UnicodeDecodeError as error:
        raise _bad_file(path, 0, "not UTF-8 text.") from error


def _read_mapping(node: yaml.Node, file: Path, prefix: str) -> Iterator[tuple[str, Origin]]:
    if not isinstance(node, yaml.MappingNode):
        what = f"{prefix.rstrip('.')} is" if prefix else "The file is"
        raise _bad_file(file, node.start_mark.line, f"{what} no mapping of names to values.")
    seen: set[str] = set()
    for key_node, value_node in node.value:
        path = f"{prefix}{key_node.value}"
        if path in seen:
            raise _bad_file(file, key_node.start_mark.line, f"{path} is given twice.")
        seen.add(path)
        if path in setting_fields():
            place = f"{file}:{key_node.start_mark.line + 1}"
            yield path, Origin(_plain(value_node, file), "file", place)
        elif any(known.startswith(f"{path}.") for known in setting_fields()):
            yield from _read_mapping(value_node, file, f"{path}.")
        else:
            raise _unknown_key(path, f"{file}:{key_node.start_mark.line + 1}")


def _plain(node: yaml.Node, file: Path) -> Any:
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    except (yaml.YAMLError, ValueError) as error:
        raise _bad_file(file, node.start_mark.line, "the value is not valid YAML.") from error
    finally:
        loader.dispose()


def _bad_file(file: Path, line_index: int, problem: str) -> InvalidInput:
    return InvalidInput(
        f"{file}:{line_index + 1}: {problem}",
        code="settings.file_invalid",
        hint="Correct the file and try again.",
    )


def _unknown_key(key: str, place: str, known: Iterable[str] | None = None) -> InvalidInput:
    candidates = list(known or _all_keys())
    nearest = difflib.get_close_matches(key, candidates, n=1, cutoff=0.5)
    return InvalidInput(
        f"{place}: unknown setting {key!r}.",
        code="settings.unknown_key",
        hint=f"Did you mean {nearest[0]!r}?" if nearest else "`pitwall config show` lists all settings.",
        details={"key": key, "place": place, "nearest": nearest},
    )


def _all_keys() -> list[str]:
    paths = list(setting_fields())
    groups = {path.rpartition(".")[0] for path in paths} - {""}
    return [*paths, *groups]


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn dotted paths into nested dictionaries, as the models expect them."""
    tree: dict[str, Any] = {}
    for path, value in values.items():
        *groups, name = path.split(".")
        branch = tree
        for group in groups:
            branch = branch.setdefault(group, {})
        branch[name] = value
    return tree
