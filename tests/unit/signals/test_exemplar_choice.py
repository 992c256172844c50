"""Which records stand behind a value, and which come first: what makes the signal worse."""

from __future__ import annotations

from pathlib import Path

import pytest

from pitwall.signals.catalogue import Catalogue, core_pack, load_catalogue
from pitwall.signals.errors import QuestionInvalid
from pitwall.signals.exemplar_choice import Choice, choose

CORE = load_catalogue([core_pack()])


def _chosen(name: str, *labels: tuple[str, str], catalogue: Catalogue = CORE) -> Choice:
    return choose(catalogue, catalogue.get(name), labels)


@pytest.mark.parametrize(
    ("name", "order", "columns", "condition"),
    [
        ("llm.p95_latency_ms", "highest", "duration_ms", "kind = 'llm' and not duration_ms is null"),
        ("llm.success_rate", "failed", "", "kind = 'llm' and not status != 'error'"),
        ("llm.failure_rate", "failed", "", "kind = 'llm' and status = 'error'"),
        ("llm.errors", "failed", "", "kind = 'llm' and status = 'error'"),
        ("llm.errors_by_class", "failed", "", "kind = 'llm' and status = 'error'"),
        ("llm.requests", "newest", "", "kind = 'llm'"),
        ("llm.model_share", "newest", "", "kind = 'llm'"),
        ("llm.retries", "highest", "retry_count", "kind = 'llm' and not retry_count is null"),
        ("llm.tokens", "highest", "input_tokens output_tokens", "kind = 'llm' and not input_tokens is null"),
        (
            "llm.cached_tokens",
            "lowest",
            "cache_read_tokens",
            "kind = 'llm' and not cache_read_tokens is null",
        ),
        ("rag.hit_rate", "failed", "", "kind = 'retriever' and not hits is null and not hits > 0"),
        ("rag.hits_distribution", "newest", "hits", "kind = 'retriever' and not hits is null"),
        ("parse.success_rate", "failed", "", "kind = 'parser' and not parse_ok is null and not parse_ok"),
        ("stage.p95_llm_ms", "highest", "duration_ms", "kind = 'llm' and not duration_ms is null"),
        ("cost.usd_per_request", "highest", "cost_usd", "not cost_usd is null"),
        (
            "requests.in_progress",
            "newest",
            "value",
            "name = 'pitwall.requests.in_progress' and not value is null",
        ),
    ],
)
def test_core_signal_shows_what_makes_it_worse(name: str, order: str, columns: str, condition: str) -> None:
    """The most where more is worse, failures of a share, the newest where nothing is worse."""
    choice = _chosen(name)
    assert (choice.order, " ".join(map(str, choice.columns))) == (order, columns)
    assert str(choice.condition) == condition


@pytest.mark.parametrize(
    ("value", "better", "order", "columns"),
    [
        ("1 - ratio(cache_hit)", "lower", "failed", ""),
        ("max(duration_ms) - min(duration_ms)", "lower", "highest", "duration_ms"),
        ("min(duration_ms)", "neutral", "lowest", "duration_ms"),
        ("max(duration_ms)", "neutral", "highest", "duration_ms"),
        ("1000 / mean(duration_ms)", "higher", "highest", "duration_ms"),
        ("1000 / mean(duration_ms)", "lower", "lowest", "duration_ms"),
        ("-1 * sum(duration_ms)", "lower", "lowest", "duration_ms"),
        ("moving_mean(3, mean(duration_ms))", "lower", "highest", "duration_ms"),
        ("count(status = 'error') / count()", "lower", "failed", ""),
        ("count(status = 'error') / count()", "neutral", "newest", ""),
        ("distinct(session_id)", "neutral", "newest", ""),
        ("last(duration_ms)", "lower", "newest", "duration_ms"),
        ("sum(duration_ms) + sum(ttft_ms where cache_hit)", "lower", "highest", "duration_ms"),
    ],
)
def test_arithmetic_turns_the_worse_side(
    tmp_path: Path, value: str, better: str, order: str, columns: str
) -> None:
    """A value that falls where its operand rises is worse where the operand is better."""
    choice = _chosen("own.signal", catalogue=_own(tmp_path, value, better))
    assert (choice.order, " ".join(map(str, choice.columns))) == (order, columns)


def test_inverted_share_of_another_signal(tmp_path: Path) -> None:
    """A formula hands its better side through to the operand of the signal it refers to."""
    _own(tmp_path, "1 - ratio(cache_hit)", "neutral")
    formula = (
        "- name: own.formula\n  title: {en: F, ko: 에}\n  description: {en: F., ko: 에.}\n"
        "  value: own.signal / own.signal\n  unit: ratio\n  better: lower\n"
    )
    (tmp_path / "signals" / "formula.yaml").write_text(formula, encoding="utf-8")
    choice = _chosen("own.formula", catalogue=load_catalogue([tmp_path]))
    assert choice.order == "failed"
    assert str(choice.condition) == "not cache_hit is null and not cache_hit"


def _own(tmp_path: Path, value: str, better: str) -> Catalogue:
    unit = {"1 - ": "ratio", "coun": "ratio", "dist": "users", "1000": "calls/call/ms"}.get(value[:4], "ms")
    (tmp_path / "signals").mkdir()
    (tmp_path / "signals" / "own.yaml").write_text(
        "- name: own.signal\n  title: {en: Own, ko: 우리}\n  description: {en: Own., ko: 우리 신호.}\n"
        f'  over: spans\n  value: "{value}"\n  unit: {unit}\n  better: {better}\n',
        encoding="utf-8",
    )
    return load_catalogue([tmp_path])


def test_share_without_failures_shows_what_it_is_a_share_of() -> None:
    """A hundred per cent has calls behind it, too."""
    otherwise = _chosen("llm.success_rate", ("model", "m")).otherwise
    assert otherwise is not None
    assert (otherwise.order, str(otherwise.condition)) == ("newest", "kind = 'llm' and model = 'm'")


@pytest.mark.parametrize(
    ("label", "condition"),
    [
        (("service", "a:b"), "service = 'a:b'"),
        (("bucket", "0"), "hits <= 0"),
        (("bucket", "4-5"), "hits <= 5 and hits > 3"),
        (("bucket", "21+"), "hits > 20"),
    ],
)
def test_label_narrows_to_its_series(label: tuple[str, str], condition: str) -> None:
    """A series has the records with its labels; a bucket those between its bounds."""
    known = "kind = 'retriever' and not hits is null"
    assert str(_chosen("rag.hits_distribution", label).condition) == f"{known} and {condition}"


@pytest.mark.parametrize(
    ("name", "label", "complaint"),
    [
        ("llm.requests", ("colour", "red"), "no label 'colour'"),
        ("llm.errors_by_class", ("error_class", "(other)"), "several values"),
        ("rag.hits_distribution", ("bucket", "6"), "no bucket '6'"),
    ],
)
def test_label_that_names_no_records_is_refused(name: str, label: tuple[str, str], complaint: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(QuestionInvalid, match=complaint.replace("(", r"\(")):
        _chosen(name, label)
