"""Writes the reference of the settings: `python -m pitwall.settings.docs docs/reference/settings.md`."""

from __future__ import annotations

from enum import StrEnum
from functools import reduce
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import ByteSize, SecretStr
from pydantic.fields import FieldInfo

from pitwall.kit.pages import write_page
from pitwall.settings.groups import Settings
from pitwall.settings.loader import PROFILE_DEFAULTS
from pitwall.settings.sources import ALIASES, setting_description, setting_fields, variable_name

_HEAD = """# Settings

Generated from the class `Settings` by `python -m pitwall.settings.docs`; do not edit.

A flag beats an environment variable, which beats the settings file (`pitwall.yaml` here, or `--config`),
which beats the profile, which beats the default. An empty variable counts as not set. In the file a setting
stands under its group:

```yaml
server:
  port: 8400
telemetry_store:
  retention:
    spans_days: 60
```

Sizes take units (`20MiB`), lists take commas (`secrets,email`), and a secret may be a reference:
`secret://env/NAME` or `secret://file/run/secrets/name`. `pitwall config show` tells what is in force and who
set it. What else an application reads is in [the guide of the SDK](../guides/sdk.md), what else the command
line reads in [commands](commands.md).
"""
_COLUMNS = "| setting | variable | default | meaning |\n|---|---|---|---|"


def reference() -> str:
    """The reference page: a section per group, a line per setting."""
    parts = [_HEAD]
    for group, members in groupby(setting_fields().items(), key=lambda item: item[0].rpartition(".")[0]):
        lines = [_line(path, info) for path, info in members]
        parts.append("\n".join([f"## {_title(group)}\n", f"{_about(group)}\n", _COLUMNS, *lines]) + "\n")
    return "\n".join(parts)


def _title(group: str) -> str:
    return f"`{group}`" if group else "General"


def _about(group: str) -> str:
    holder: Any = Settings
    for name in filter(None, group.split(".")):
        holder = holder.model_fields[name].annotation
    return str(holder.__doc__).strip() if group else "Outside of any group."


def _line(path: str, info: FieldInfo) -> str:
    variables = [variable_name(path), *(name for name, target in ALIASES.items() if target == path)]
    cells = (f"`{path}`", ", ".join(f"`{name}`" for name in variables), _default(path), _meaning(path, info))
    return f"| {' | '.join(cells)} |"


def _default(path: str) -> str:
    value = _plain(reduce(getattr, path.split("."), Settings()))
    others = {
        f"`{_plain(defaults[path])}` in {profile.value}"
        for profile, defaults in PROFILE_DEFAULTS.items()
        if path in defaults
    }
    return ", ".join([f"`{value}`" if value else "none", *sorted(others)])


def _plain(value: Any) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, ByteSize):
        return value.human_readable().replace(".0", "")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, Path):
        home = Path.home()
        return f"~/{value.relative_to(home)}" if value.is_relative_to(home) else str(value)
    return str(value) if value not in (None, {}) else ""


def _meaning(path: str, info: FieldInfo) -> str:
    choices = _choices(info.annotation)
    listed = f" One of {', '.join(f'`{choice}`' for choice in choices)}." if choices else ""
    return f"{setting_description(path)}{listed}"


def _choices(annotation: Any) -> list[str]:
    if get_origin(annotation) is Literal:
        return [str(value) for value in get_args(annotation)]
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return [member.value for member in annotation]
    return []


if __name__ == "__main__":
    write_page(reference())
