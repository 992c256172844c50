"""Docstrings below fields describe them, in JSON schemas, too."""

from __future__ import annotations

from pydantic import Field

from pitwall.kit.documented import Documented, field_descriptions


class _Engine(Documented):
    cylinders: int
    """How many
    there are."""
    fuel: str = Field(default="petrol", description="Said by the field.")
    """Said below it."""
    weight_kg: float


class _Hybrid(_Engine):
    cylinders: int = Field(default=6, alias="pots")
    """Six, as the rules ask for."""
    fuel: str = "E10"

    def start(self) -> None:
        """Not a field."""


def test_field_descriptions() -> None:
    """A class has those of its base, except for fields that it writes again."""
    assert field_descriptions(_Engine) == {"cylinders": "How many\nthere are.", "fuel": "Said below it."}
    assert field_descriptions(_Hybrid) == {"cylinders": "Six, as the rules ask for."}


def test_descriptions_in_a_json_schema() -> None:
    """What a field says itself wins over the docstring; one without either has none."""
    assert _told(_Engine) == {
        "cylinders": "How many\nthere are.",
        "fuel": "Said by the field.",
        "weight_kg": None,
    }
    assert _told(_Hybrid) == {"pots": "Six, as the rules ask for.", "fuel": None, "weight_kg": None}


def _told(model: type[Documented]) -> dict[str, str | None]:
    properties = model.model_json_schema()["properties"]
    return {name: told.get("description") for name, told in properties.items()}
