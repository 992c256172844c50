"""Models whose fields are described by the docstrings below them, read when somebody asks."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic_core import CoreSchema


class Documented(BaseModel):
    """A model that describes its fields by docstrings, in JSON schemas, too.

    The library's own `use_attribute_docstrings` reads and parses the source as each class is made: 120 ms of
    every start for texts that only pages of reference show.
    """

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Describe the properties as well."""
        schema = handler(core_schema)
        described = handler.resolve_ref_schema(schema).get("properties", {})
        for name, description in field_descriptions(cls).items():
            shown = cls.model_fields[name].alias or name
            if shown in described:
                described[shown].setdefault("description", description)
        return schema


@cache
def field_descriptions(model: type[BaseModel]) -> Mapping[str, str]:
    """Return what the docstrings below the fields of a model and of its bases say, by field."""
    found: dict[str, str | None] = {}
    for owner in reversed(model.__mro__):
        if issubclass(owner, Documented) and owner is not Documented:
            found.update(dict.fromkeys(inspect.get_annotations(owner)))  # written again: described again
            found.update(_described(owner))
    return {name: text for name, text in found.items() if text is not None}


def _described(owner: type) -> Iterator[tuple[str, str]]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(owner)))
    assert isinstance(tree.body[0], ast.ClassDef)
    body = tree.body[0].body
    for field, below in pairwise(body):
        if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
            continue
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            text = below.value.value
            if isinstance(text, str):
                yield field.target.id, inspect.cleandoc(text)
