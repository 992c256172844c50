"""The tools a model was offered, wherever its SDK wrote them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pitwall.traces.conversation.types import Tool
from pitwall.traces.conversation.values import (
    JsonObject,
    first,
    parsed_member,
    readable,
    short_text,
    written,
)

MAX_TOOLS: Final = 500

# Attributes that hold a list of tools, or an object with one.
_LISTS: Final = (
    *("gen_ai.tool.definitions", "llm.tools", "ai.prompt.tools", "mlflow.chat.tools", "litellm.tools"),
    *("model_request_parameters", "llm.invocation_parameters", "gcp.vertex.agent.llm_request"),
)
_NUMBERED: Final = re.compile(
    r"(?:llm[.]tools[.](?P<tool>[0-9]{1,4})[.]tool|llm[.]request[.]functions[.](?P<function>[0-9]{1,4}))[.]"
    r"(?P<part>json_schema|name|description)"
)
_MEMBERS: Final = (
    *("tools", "functions", "function_tools", "output_tools", "builtin_tools"),
    *("functionDeclarations", "function_declarations", "toolSpec", "function", "config", "kwargs"),
)
_MAX_DEPTH: Final = 5


def read_tools(attributes: Mapping[str, Any], *requests: Any) -> list[Tool]:
    """Tools by name, in the order they were offered; none is said twice.

    Args:
        attributes: Of the span.
        requests: Whatever a model was asked with, as JSON values; it may hold the tools.

    Raises:
        RecursionError: A definition is nested too deeply.
    """
    found: dict[str, Tool] = {}
    sources = [parsed_member(attributes.get(name)) for name in _LISTS]
    for source in (*sources, *_numbered(attributes), *requests):
        for tool in _tools(source, _MAX_DEPTH):
            found.setdefault(tool.name, tool)
    return list(found.values())[:MAX_TOOLS]


def is_definition(value: Any) -> bool:
    """Whether it is a tool's definition: Langfuse's LangChain handler puts them among the messages."""
    inner = value.get("function") if isinstance(value, dict) else None
    return isinstance(inner, dict) and "parameters" in inner and "name" in inner


def _numbered(attributes: Mapping[str, Any]) -> list[Any]:
    found: dict[tuple[str, int], Any] = {}
    for key, value in attributes.items():
        match = _NUMBERED.fullmatch(key)
        if match is None:
            continue
        number = match["tool"] or match["function"]
        place = ("tool" if match["tool"] else "function", int(number))
        if match["part"] == "json_schema":
            found[place] = parsed_member(value)
        elif isinstance(found.setdefault(place, {}), dict):
            found[place] = {match["part"]: value, **found[place]}
    return [[found[place]] for place in sorted(found)]


def _tools(source: Any, depth: int) -> Iterator[Tool]:
    source = parsed_member(source)
    if depth <= 0:
        return
    if isinstance(source, list):
        for item in source[:MAX_TOOLS]:
            item = parsed_member(item)
            if isinstance(item, dict):
                tool = _tool(item)
                yield from [tool] if tool is not None else _tools(item, depth - 1)
    elif isinstance(source, dict):
        for name in _MEMBERS:
            inner = source.get(name)
            if isinstance(inner, dict) and name in ("function", "toolSpec"):
                inner = [inner]
            if isinstance(inner, dict | list | str):
                yield from _tools(inner, depth - 1)


def _tool(item: JsonObject) -> Tool | None:
    inner = next((item[key] for key in ("function", "toolSpec") if isinstance(item.get(key), dict)), item)
    kind = item.get("type") if inner is item and not set(_MEMBERS) & item.keys() else None
    # A tool of the provider's has only a type.
    name = short_text(first(inner, ("name", "tool.name")) or kind)
    if name is None:
        return None
    said = first(inner, ("description", "tool.description"))
    return Tool(name, None if said is None else readable(said) if isinstance(said, str) else written(said))
