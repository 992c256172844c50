"""Settings of the service: Pitwall's `voc` settings, by the names VOC services already use, and some more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pitwall.core.errors import InvalidInput
from pitwall.settings import VocSettings as SharedSettings
from pitwall.settings import load_settings

OWN_DOCUMENTS = Path(__file__).parent / "documents"


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which model server answers. `provider` is `ollama` or `openai` (anything that speaks OpenAI's API)."""

    provider: str
    base_url: str
    chat_model: str
    embedding_model: str
    api_key: str | None = field(default=None, repr=False)
    timeout_seconds: float = 20.0
    max_attempts: int = 3


@dataclass(frozen=True, slots=True)
class VocSettings:
    """Everything the service needs to know."""

    docs_dir: Path
    chroma_dir: Path
    chroma_collection: str
    model: ModelSettings
    candidates: int = 12
    top_k: int = 5
    is_rerank_enabled: bool = True

    @property
    def cache_path(self) -> Path:
        """The embedding cache lies beside the collection."""
        return self.chroma_dir / "embedding-cache.sqlite3"


def read_settings(environ: Mapping[str, str]) -> VocSettings:
    """Read the settings as `pitwall config show` tells them, the rest from environment variables.

    DOCS_DIR, CHROMA_DIR, CHROMA_COLLECTION, OLLAMA_BASE_URL, OLLAMA_MODEL and OLLAMA_EMBED_MODEL are names of
    `voc` settings. OPENAI_BASE_URL selects an OpenAI-compatible server instead of Ollama.

    Raises:
        InvalidInput: A value that is no number or out of range, or a setting that is not valid.
    """
    shared = load_settings(environ=environ).voc
    return VocSettings(
        docs_dir=shared.docs_dir or OWN_DOCUMENTS,
        chroma_dir=shared.chroma_dir,
        chroma_collection=shared.chroma_collection,
        model=_read_model(environ, shared),
        candidates=int(_number(environ, "VOC_CANDIDATES", 12, low=1)),
        top_k=int(_number(environ, "VOC_TOP_K", 5, low=1)),
        is_rerank_enabled=(environ.get("VOC_RERANK") or "1").lower() not in ("0", "false", "off", "no"),
    )


def _read_model(environ: Mapping[str, str], shared: SharedSettings) -> ModelSettings:
    timeout_seconds = _number(environ, "VOC_MODEL_TIMEOUT_SECONDS", 20.0, low=0.1)
    max_attempts = int(_number(environ, "VOC_MODEL_ATTEMPTS", 3, low=1))
    openai_url = environ.get("OPENAI_BASE_URL")
    if openai_url:
        return ModelSettings(
            provider="openai",
            base_url=openai_url.rstrip("/"),
            api_key=environ.get("OPENAI_API_KEY"),
            chat_model=environ.get("OPENAI_MODEL") or "gpt-4o-mini",
            embedding_model=environ.get("OPENAI_EMBED_MODEL") or "text-embedding-3-small",
            timeout_seconds=timeout_seconds,
            max_attempts=max_attempts,
        )
    return ModelSettings(
        provider="ollama",
        base_url=shared.ollama_base_url.rstrip("/"),
        chat_model=shared.ollama_model,
        embedding_model=shared.ollama_embed_model,
        timeout_seconds=timeout_seconds,
        max_attempts=max_attempts,
    )


def _number(environ: Mapping[str, str], name: str, default: float, *, low: float) -> float:
    text = environ.get(name)
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        raise InvalidInput(f"{name}={text!r} is not a number.") from None
    if not low <= value < 1e6:
        raise InvalidInput(f"{name}={text!r} must be at least {low:g} and less than 1000000.")
    return value
