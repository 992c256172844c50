"""Importing a hundred thousand examples: how long it takes and how much memory, in each format.

Each import is a process of its own on an empty state store in SQLite:

    python benchmarks/bench_datasets.py FILE STATE_DIR
"""

from __future__ import annotations

import csv
import io
import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.harness.registry import ROOT, Context, Step
from benchmarks.harness.results import Figure, at_most

FORMATS: Final = ("json", "jsonl", "csv", "xlsx", "parquet")
_COLUMNS: Final = ("id", "question", "answer", "contexts", "ground_truth", "metadata")
_KOREAN: Final = (
    "보험료 납입 기간 보장 면책 지급 사망 진단 수술 입원 환급 해약 계약 약관 한도 특약 갱신 청구".split()
)
_ENGLISH: Final = "premium period cover claim death surgery refund contract term limit rider renewal".split()
_MOST_SECONDS: Final = 30.0
_MOST_MB: Final = 500.0
_MOST_PAGE_MS: Final = 500.0
_PAGES: Final = 50


def imports(context: Context) -> list[Figure]:
    """Import the same examples from every format, then look at pages of them."""
    count = context.size(100_000, 2_000)
    directory = context.directory("datasets")
    figures: list[Figure] = []
    for file_format in FORMATS:
        file = directory / f"examples-{count}.{file_format}"
        if not file.exists():
            context.say(f"writing {file.name}")
            _write(file, count)
        context.say(f"importing {file.name}")
        figures += _figures(file, _measured(file, directory / "state"), count)
    return figures


def _figures(file: Path, told: dict[str, Any], count: int) -> list[Figure]:
    name = f"datasets, {file.suffix.removeprefix('.')}"
    size = f"{count:,} examples, {file.stat().st_size / 2**20:,.0f} MB"
    note = f"{told['cpu_s']:.1f} s CPU, state {told['state_mb']:,.0f} MB"
    pages = f"{_PAGES} pages of 50 examples, a comparison of versions: {told['diff_ms']:.0f} ms"
    return [
        Figure(f"{name}: import", size, "s", told["wall_s"], at_most(_MOST_SECONDS), note),
        Figure(f"{name}: memory", size, "MB", told["peak_mb"], at_most(_MOST_MB)),
        Figure(f"{name}: slowest page", size, "ms", told["page_ms"], at_most(_MOST_PAGE_MS), pages),
    ]


def _measured(file: Path, state: Path) -> dict[str, Any]:
    shutil.rmtree(state, ignore_errors=True)
    command = [sys.executable, str(Path(__file__)), str(file), str(state)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=ROOT)
    shutil.rmtree(state)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _examples(count: int) -> Iterator[dict[str, Any]]:
    """Every second one Korean; about a kilobyte each."""
    rng = random.Random(1)
    for number in range(count):
        words = _KOREAN if number % 2 else _ENGLISH
        yield {
            "id": f"case-{number:06d}",
            "question": f"{_text(rng, words, 8)} {number}?",
            "answer": _text(rng, words, 25),
            "contexts": [_text(rng, words, 40) for _ in range(3)],
            "ground_truth": _text(rng, words, 12),
            "metadata": {"page": rng.randrange(500), "topic": rng.choice(words)},
        }


def _text(rng: random.Random, words: list[str], count: int) -> str:
    return " ".join(rng.choices(words, k=count))


def _write(file: Path, count: int) -> None:
    partial = file.with_suffix(".partial")
    _WRITERS[file.suffix](partial, count)
    partial.rename(file)


def _write_json(file: Path, count: int) -> None:
    with file.open("w", encoding="utf-8") as out:
        out.write('{"name": "bench", "version": "1", "test_cases": [\n')
        for number, example in enumerate(_examples(count)):
            out.write(",\n" if number else "")
            json.dump(example, out, ensure_ascii=False)
        out.write("\n]}\n")


def _write_lines(file: Path, count: int) -> None:
    with file.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(example, ensure_ascii=False) + "\n" for example in _examples(count))


def _rows(count: int) -> Iterator[list[str]]:
    yield list(_COLUMNS)
    for example in _examples(count):
        values = (example[name] for name in _COLUMNS)
        yield [value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values]


def _write_csv(file: Path, count: int) -> None:
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(_rows(count))


def _write_workbook(file: Path, count: int) -> None:
    """With its texts in one list, as spreadsheet programs write it."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in _rows(count):
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    file.write_bytes(stream.getvalue())


def _write_parquet(file: Path, count: int) -> None:
    import pyarrow
    from pyarrow import parquet

    table = pyarrow.Table.from_pylist(
        [{**example, "metadata": json.dumps(example["metadata"])} for example in _examples(count)]
    )
    parquet.write_table(table, file)


_WRITERS: Final[dict[str, Callable[[Path, int], None]]] = {
    ".json": _write_json,
    ".jsonl": _write_lines,
    ".csv": _write_csv,
    ".xlsx": _write_workbook,
    ".parquet": _write_parquet,
}


def _import(file: Path, state: Path) -> dict[str, float]:
    """Import a file in this process and look at the result."""
    from pitwall.access.authenticators import LOCAL_OPERATOR
    from pitwall.evals.datasets.service import Datasets, Upload
    from pitwall.evals.datasets.types import ReadOptions
    from pitwall.kit.clock import SystemClock
    from pitwall.stores.state import StateStore

    store = StateStore.in_directory(state).open()
    datasets = Datasets(store, SystemClock(), scratch_dir=state)
    began, cpu = time.monotonic(), time.process_time()
    with file.open("rb") as stream:
        made = datasets.import_file(Upload(file.name, stream), ReadOptions(), name="bench", by=LOCAL_OPERATOR)
    wall, used = time.monotonic() - began, time.process_time() - cpu
    peak = _peak_mb()
    pages, cursor = [], None
    for _ in range(_PAGES):
        began = time.monotonic()
        page = datasets.examples("default", made.version, limit=50, cursor=cursor)
        pages.append(time.monotonic() - began)
        cursor = page.next_cursor
        if cursor is None:
            break
    began = time.monotonic()
    difference = datasets.compare("default", "bench", "1")
    diff = time.monotonic() - began
    if difference.equal_count != made.version.example_count:
        raise RuntimeError("a version differs from itself")
    return {
        "wall_s": round(wall, 2),
        "cpu_s": round(used, 2),
        "peak_mb": round(peak, 1),
        "page_ms": round(max(pages) * 1000, 1),
        "diff_ms": round(diff * 1000, 1),
        "state_mb": round(sum(one.stat().st_size for one in state.iterdir()) / 2**20, 1),
    }


def _peak_mb() -> float:
    """The most memory this process ever had; what getrusage tells begins with that of its parent."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("this system does not tell the most memory of a process")


STEPS: Final = (Step("datasets", "100,000 examples from JSON, JSONL, CSV, XLSX and Parquet", imports, 4),)

if __name__ == "__main__":
    sys.stdout.write(json.dumps(_import(Path(sys.argv[1]), Path(sys.argv[2]))))
