"""Which instrumentation is turned on, with real distributions and instrumentors that only count."""

from __future__ import annotations

import logging
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from opentelemetry import trace

from pitwall.sdk.instrument import Instrumented, turn_on

PROVIDER = trace.NoOpTracerProvider()
INSTRUMENTOR = """
class Instrumentor:
    is_instrumented_by_opentelemetry = False
    providers = []

    def instrument(self, tracer_provider):
        {behaviour}
        Instrumentor.is_instrumented_by_opentelemetry = True
        Instrumentor.providers.append(tracer_provider)
"""


@dataclass
class Packages:
    """Makes installed distributions with entry points."""

    directory: Path

    def install(self, distribution: str, module: str, library: str, group: str, behaviour: str = "") -> None:
        file = self.directory.joinpath(*module.split(".")).with_suffix(".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(INSTRUMENTOR.format(behaviour=behaviour or "pass")))
        metadata = self.directory / f"{distribution.replace('-', '_')}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(f"[{group}]\n{library} = {module}:Instrumentor\n")

    def openinference(self, library: str, behaviour: str = "") -> str:
        module = f"openinference.instrumentation.{library}"
        name = f"openinference-instrumentation-{library}"
        self.install(name, module, library, "openinference_instrumentor", behaviour)
        return module

    def opentelemetry(self, library: str, package: str | None = None, behaviour: str = "") -> str:
        package = package or library
        module = f"fake_otel.instrumentation.{package}"
        name = f"opentelemetry-instrumentation-{package.replace('_', '-')}"
        self.install(name, module, library, "opentelemetry_instrumentor", behaviour)
        return module


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Packages]:
    """An empty place at the front of the path; what is imported from it is forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    yield Packages(tmp_path)
    for name in [name for name in sys.modules if name.startswith(("openinference", "fake_otel"))]:
        del sys.modules[name]


def providers_of(module: str) -> list[Any]:
    return list(sys.modules[module].Instrumentor.providers)


def test_one_instrumentation_per_library(packages: Packages) -> None:
    """Three packages for the same library: the preferred one is turned on, the others are not."""
    theirs = packages.opentelemetry("chatter")
    newer = packages.opentelemetry("chatter", "chatter_v2")
    preferred = packages.openinference("chatter")
    assert turn_on(["chatter"], PROVIDER) == (Instrumented("chatter", preferred),)
    assert providers_of(preferred) == [PROVIDER]
    assert theirs not in sys.modules
    assert newer not in sys.modules


def test_broken_package_makes_room_for_the_next(packages: Packages, caplog: pytest.LogCaptureFixture) -> None:
    """A package that fails to import or to instrument is reported by name, and the next one is tried."""
    packages.openinference("clanker", behaviour="raise RuntimeError('incompatible')")
    second = packages.opentelemetry("clanker")
    assert turn_on(["clanker"], PROVIDER) == (Instrumented("clanker", second),)
    assert "openinference.instrumentation.clanker" in caplog.text


def test_refusing_package_is_not_taken_for_working(packages: Packages) -> None:
    """Instrumentors that find a version conflict return without instrumenting; that is not success."""
    packages.openinference("mumbler", behaviour="return")
    assert turn_on(["mumbler"], PROVIDER) == ()


def test_auto_turns_on_genai_libraries_only(packages: Packages) -> None:
    """Models and vector stores yes, HTTP clients no; a named library comes on top."""
    packages.opentelemetry("chromadb")
    packages.opentelemetry("carrier")
    packages.openinference("whisperer")
    found = {item.library for item in turn_on("auto", PROVIDER)}
    assert {"chromadb", "whisperer"} <= found
    assert "carrier" not in found
    assert {item.library for item in turn_on(["auto", "carrier"], PROVIDER)} == found | {"carrier"}


def test_names_are_matched_across_packages(packages: Packages) -> None:
    """chroma and chromadb, dashes and underscores, name the same library."""
    module = packages.opentelemetry("llama_index")
    assert turn_on(["LlamaIndex"], PROVIDER) == (Instrumented("llamaindex", module),)
    assert turn_on(["llama-index"], PROVIDER) == (Instrumented("llamaindex", module),)
    assert len(providers_of(module)) == 1


def test_missing_instrumentation_is_told(packages: Packages, caplog: pytest.LogCaptureFixture) -> None:
    """Asked for and not installed: a warning with the name, no exception."""
    with caplog.at_level(logging.WARNING):
        assert turn_on(["unheard-of"], PROVIDER) == ()
    assert "unheard_of" in caplog.text
