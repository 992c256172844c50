"""The pages of the guide do what they say: their files are written, their commands run."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from tests.e2e.running import ROOT, Project, bare_environ

DOCS = ROOT / "docs"
PAGES = sorted((DOCS / "guides").glob("*.md"))
FOLLOW_SECONDS = 3.0
_FENCE = re.compile(r"^```(?P<language>\w+)(?: (?P<file>\S+))?\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\((?P<target>[^)#:]+)\)")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block; `file` is the name it is to be saved under, or empty."""

    language: str
    file: str
    text: str

    @property
    def commands(self) -> list[str]:
        return [line[2:] for line in self.text.splitlines() if line.startswith("$ ")]


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    found = _FENCE.finditer(page.read_text("utf-8"))
    return [Block(match["language"], match["file"] or "", match["text"]) for match in found]


class Reader:
    """Someone who reads a page, saves its files and types its commands."""

    def __init__(self, project: Project, folder: Path) -> None:
        self._project = project
        self._folder = folder
        self._environ = bare_environ(
            PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            PITWALL_URL=project.server.url,
            PITWALL_API_KEY=project.token,
        )

    def save(self, block: Block) -> None:
        (self._folder / block.file).write_text(block.text, "utf-8")

    def run(self, command: str) -> str:
        """What a command prints; it must succeed. One that follows files is interrupted."""
        here = command.replace("http://127.0.0.1:8400", self._project.server.url)
        here = here.replace("http://127.0.0.1:4318", self._project.server.otlp_url)
        with subprocess.Popen(
            ["/bin/sh", "-c", f"exec {here}" if "--follow" in here else here],
            cwd=self._folder,
            env=self._environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            if "--follow" in here:
                time.sleep(FOLLOW_SECONDS)
                assert process.poll() is None, command
                process.send_signal(signal.SIGINT)
            printed, _ = process.communicate(timeout=60)
        assert process.returncode in ((0, 130) if "--follow" in here else (0,)), f"{command}\n{printed}"
        self._take_a_breath()
        return printed

    def _take_a_breath(self) -> None:
        """A person types slower than the second in which everything acknowledged can be asked for."""
        deadline = time.monotonic() + 20
        while self._project.get("/status")["ingest_lag_seconds"] and time.monotonic() < deadline:
            time.sleep(0.05)

    def work_through(self, page: Path) -> dict[str, str]:
        """What each command of a page printed."""
        printed: dict[str, str] = {}
        for block in blocks(page):
            if block.file:
                self.save(block)
            elif block.language == "console":
                for command in block.commands:
                    printed[command] = self.run(command)
        return printed


@pytest.fixture
def reader(own_project: Project, tmp_path: Path) -> Reader:
    """A reader with a key for everything and an empty folder."""
    body = {"name": "reader", "project": own_project.name, "scopes": ["ingest", "read", "act"]}
    answer = httpx.post(f"{own_project.server.url}/api/v1/keys", json=body, trust_env=False)
    return Reader(replace(own_project, token=answer.json()["token"]), tmp_path)


def page(name: str) -> Path:
    """The English page; the Korean one has the same blocks."""
    return DOCS / "guides" / f"{name}.md"


def starting(printed: dict[str, str], start: str) -> list[str]:
    """What the commands with that beginning printed."""
    return [text for command, text in printed.items() if command.startswith(start)]


def test_both_languages_have_the_same_blocks() -> None:
    """A command that is right in English is right in Korean, too."""
    english = [page for page in PAGES if not page.name.endswith(".ko.md")]
    assert len(english) >= 4
    assert {page: blocks(page) for page in english} == {
        page: blocks(page.with_suffix(".ko.md")) for page in english
    }


@pytest.mark.parametrize("page", [*ROOT.glob("README*.md"), *DOCS.glob("*.md"), *PAGES], ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    """No page links a file that is not there."""
    targets = {match["target"] for match in _LINK.finditer(page.read_text("utf-8"))}
    assert {target for target in targets if not (page.parent / target).exists()} == set()


def test_files_page(reader: Reader, own_project: Project) -> None:
    """Every file comes in once, by whichever form, and can be asked for."""
    printed = reader.work_through(page("files"))
    own_project.wait_for("spans_total", 10)
    assert "50 %" in starting(printed, "pitwall signals query")[0]
    assert {span["service"] for span in own_project.spans(10)} == {"shop-chat"}
    assert own_project.signal("llm.requests", by="model") == {}  # nothing of it is of the last hour


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_otlp_page(reader: Reader) -> None:
    """The hand-made span is accepted and shown."""
    printed = reader.work_through(page("otlp"))
    assert "chat gpt-4o-mini" in starting(printed, "pitwall traces show")[0]


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_langfuse_page(reader: Reader, own_project: Project) -> None:
    """The key is known by its project, and the score is stored."""
    printed = reader.work_through(page("langfuse"))
    assert own_project.name in starting(printed, "curl")[0]
    own_project.wait_for("scores_total", 1)


def test_dead_letters_page(reader: Reader, own_project: Project) -> None:
    """The bad lines are told with their reasons, the good one is kept, a retry says what became of it."""
    printed = reader.work_through(page("dead-letters"))
    listed = starting(printed, "pitwall telemetry dead-letters list")[0]
    assert ("malformed" in listed, "calls.jsonl:3" in listed, "calls.jsonl:2" in listed) == (True, True, True)
    assert "exit code 3: rejected again" in starting(printed, "pitwall telemetry dead-letters retry")[0]
    own_project.wait_for("spans_total", 1)


def test_prices_page(reader: Reader) -> None:
    """Packaged prices are listed and shown, and nothing stored is nothing to price again."""
    printed = reader.work_through(page("prices"))
    assert "gpt-4o-mini" in starting(printed, "pitwall prices list")[0]
    assert "0.15" in starting(printed, "pitwall prices show")[0]
    assert len(starting(printed, "pitwall telemetry recost")) == 2
