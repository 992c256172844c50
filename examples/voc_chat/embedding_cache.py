"""A cache of embeddings in SQLite: the same text and model are embedded once, restarts included."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import unicodedata
from array import array
from collections.abc import Sequence
from pathlib import Path

MAX_ENTRIES = 50_000


class EmbeddingCache:
    """Keeps the 50,000 vectors written last (float32; 4 kB for one of 1,024). Safe across threads."""

    def __init__(self, path: Path, *, max_entries: int = MAX_ENTRIES) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._max_entries = max_entries
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=5.0)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS embeddings (key TEXT PRIMARY KEY, vector BLOB NOT NULL)"
        )

    def get(self, key: str) -> list[float] | None:
        """The vector kept under a key of `cache_key`, or None."""
        with self._lock:
            row = self._database.execute("SELECT vector FROM embeddings WHERE key = ?", (key,)).fetchone()
        return array("f", row[0]).tolist() if row else None

    def put(self, key: str, vector: Sequence[float]) -> None:
        """Keep a vector; the oldest entries make room."""
        with self._lock:
            self._database.execute(
                "INSERT OR REPLACE INTO embeddings VALUES (?, ?)", (key, array("f", vector).tobytes())
            )
            self._database.execute(
                "DELETE FROM embeddings WHERE rowid <= (SELECT max(rowid) FROM embeddings) - ?",
                (self._max_entries,),
            )

    def close(self) -> None:
        with self._lock:
            self._database.close()


def cache_key(model: str, text: str) -> str:
    """A key that depends on the model and the NFC text and reveals neither."""
    normal = unicodedata.normalize("NFC", text).strip()
    return hashlib.sha256(f"{model}\0{normal}".encode()).hexdigest()[:32]
