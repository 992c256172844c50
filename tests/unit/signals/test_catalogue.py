"""Packs are checked as a whole; every problem is named with its file and line."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest

from pitwall.signals.catalogue import Catalogue, core_pack, load_catalogue
from pitwall.signals.docs import reference
from pitwall.signals.errors import CatalogueInvalid, UnknownSignal

REPOSITORY = Path(__file__).resolve().parents[3]
SOUND = """\
- name: shop.hit_rate
  title: {en: Hit rate, ko: 적중률}
  description: {en: Share of hits., ko: 적중 비율입니다.}
  over: spans where kind = 'retriever'
  value: ratio(hits > 0)
  by: [service, variant]
  unit: ratio
  better: higher
  bands: {warning: "< 0.6", critical: "< 0.4", min_count: 20}
"""


def _load(tmp_path: Path, text: str) -> Catalogue:
    directory = tmp_path / "signals"
    directory.mkdir(exist_ok=True)
    (directory / "shop.yaml").write_text(text, encoding="utf-8")
    return load_catalogue([tmp_path])


def test_signal_of_the_documentation_loads(tmp_path: Path) -> None:
    """The example of the design is a signal as it stands."""
    signal = _load(tmp_path, SOUND).get("shop.hit_rate")
    assert (str(signal.over), str(signal.value)) == ("spans where kind = 'retriever'", "ratio(hits > 0)")
    assert signal.title.ko == "적중률"


@pytest.mark.parametrize(
    ("change", "line", "complaint"),
    [
        (("value: ratio(hits > 0)", "value: ratio(hist > 0)"), 5, "Did you mean hits"),
        (("kind = 'retriever'", "kind = 'retreiver'"), 5, "never has that value"),
        (("value: ratio(hits > 0)", "value: ratio(hits >)"), 5, "Expected a number"),
        (("by: [service, variant]", "by: [service, user_id]"), 6, "too many values"),
        (("unit: ratio", "unit: ms"), 7, "does not match the value"),
        (("unit: ratio", "unit: furlongs"), 7, "unknown part 'furlongs'"),
        (('warning: "< 0.6"', 'warning: "< 0.3"'), 9, "a warning must come before"),
        (('warning: "< 0.6"', 'warning: "> 1.2"'), 9, "can never trigger"),
        (("min_count: 20", "min_count: 0"), 9, "greater than or equal to 1"),
        (("better: higher", "better: upwards"), 8, "better"),
        (("unit: ratio", "unit: ratio\n  colour: red"), 8, "colour"),
        (("title: {en: Hit rate, ko: 적중률}", "title: {en: Hit rate}"), 2, "title.ko"),
        (("value: ratio(hits > 0)", "value: rate()"), 1, "needs `per`"),
        (("unit: ratio", "unit: ratio\n  per: 1m"), 8, "`per` is for"),
        (("unit: ratio", "unit: ratio\n  unit: ratio"), 8, "here twice"),
        (("value: ratio(hits > 0)", "value: [ratio"), 6, "not valid YAML"),
    ],
)
def test_problem_is_named_with_file_and_line(
    tmp_path: Path, change: tuple[str, str], line: int, complaint: str
) -> None:
    """Each kind of mistake is reported where it stands."""
    with pytest.raises(CatalogueInvalid) as caught:
        _load(tmp_path, SOUND.replace(*change))
    assert f"{tmp_path / 'signals' / 'shop.yaml'}:{line}: " in caught.value.message
    assert complaint in caught.value.message


def test_all_problems_are_reported_at_once(tmp_path: Path) -> None:
    """Whoever writes a pack sees every mistake, not one per try."""
    text = SOUND.replace("unit: ratio", "unit: ms") + SOUND.replace("shop.hit_rate", "shop.other").replace(
        "hits > 0", "hist > 0"
    )
    with pytest.raises(CatalogueInvalid) as caught:
        _load(tmp_path, text)
    assert len(caught.value.details["problems"]) == 2


def test_same_name_twice_names_both_places(tmp_path: Path) -> None:
    """A name belongs to one signal."""
    with pytest.raises(CatalogueInvalid, match=r"shop\.yaml:10: .*already declared at .*shop\.yaml:1"):
        _load(tmp_path, SOUND + SOUND)


def _formula(name: str, value: str, unit: str = "ratio", by: str = "[service]") -> str:
    return (
        f"- name: {name}\n  title: {{en: F, ko: 식}}\n  description: {{en: F., ko: 식입니다.}}\n"
        f"  value: {value}\n  by: {by}\n  unit: {unit}\n"
    )


@pytest.mark.parametrize(
    ("formula", "complaint"),
    [
        (_formula("shop.f", "shop.hit_rat / shop.hit_rate"), "Did you mean shop.hit_rate"),
        (_formula("shop.f", "shop.f + shop.hit_rate"), "in a circle: shop.f -> shop.f"),
        (_formula("shop.f", "shop.hit_rate + 1", by="[service, model]"), "cannot be split by model"),
        (_formula("shop.f", "count() / shop.hit_rate"), "needs `over`"),
        (
            SOUND.replace("shop.hit_rate", "shop.share").replace("ratio(hits > 0)", "share(model)")
            + _formula("shop.f", "shop.share * 2"),
            "shop.share has many values per window",
        ),
        (SOUND.replace("shop.hit_rate", "shop.five").replace("ratio(hits > 0)", "'5'"), "looks at no record"),
        (_formula("shop.f", "shop.hit_rate * shop.hit_rate", unit="ms"), "does not match the value"),
    ],
)
def test_formula_that_cannot_work_is_named(tmp_path: Path, formula: str, complaint: str) -> None:
    """Formulas refer to known signals, never to themselves, and their units and labels fit."""
    with pytest.raises(CatalogueInvalid, match=complaint.replace(".", r"\.").replace("(", r"\(")):
        _load(tmp_path, SOUND + formula)


def test_formula_that_adds_time_to_a_share_is_named(tmp_path: Path) -> None:
    """Units of both sides of a sum must match."""
    slow = SOUND.replace("shop.hit_rate", "shop.slow").replace("ratio(hits > 0)", "mean(duration_ms)")
    slow = slow.replace("unit: ratio", "unit: ms").replace("better: higher", "better: neutral")
    slow = "\n".join(line for line in slow.splitlines() if "bands" not in line) + "\n"
    with pytest.raises(CatalogueInvalid, match="both sides of \\+ must measure the same"):
        _load(tmp_path, SOUND + slow + _formula("shop.f", "shop.slow + shop.hit_rate"))


def test_unknown_signal_names_the_nearest() -> None:
    """A typing mistake is answered with the name that was meant."""
    with pytest.raises(UnknownSignal, match=r"llm\.success_rate"):
        load_catalogue([core_pack()]).get("llm.sucess_rate")


def test_core_pack_has_what_it_promises() -> None:
    """Every figure that the core pack is known for has its signal, with Korean words of its own."""
    catalogue = load_catalogue([core_pack()])
    names = {signal.name for signal in catalogue}
    assert {
        "llm.success_rate", "llm.failure_rate", "llm.mean_latency_ms", "llm.p50_latency_ms",
        "llm.p95_latency_ms", "llm.p99_latency_ms", "llm.p95_ttft_ms", "llm.errors_by_class",
        "llm.retries", "llm.timeouts",
        "llm.requests_per_minute", "llm.input_tokens", "llm.output_tokens", "llm.cached_tokens",
        "llm.tokens_per_call", "llm.tokens_per_day", "requests.per_day", "cost.usd", "cost.usd_per_request",
        "rag.hit_rate", "rag.hits_distribution", "rag.selected_documents_distribution", "rag.rerank_rate",
        "embedding.calls", "llm.model_share", "cache.embed_hit_rate", "stage.p95_embedding_ms",
        "stage.p95_vector_search_ms", "stage.p95_rerank_ms", "stage.p95_llm_ms", "stage.p95_parse_ms",
        "parse.success_rate", "llm.fallback_rate", "requests.in_progress", "service.uptime_s",
        "data.completeness",
    } <= names  # fmt: skip
    assert all(any("가" <= letter <= "힣" for letter in signal.description.ko) for signal in catalogue)


@pytest.mark.parametrize(("value", "is_sound"), [("mean", True), ("sum", False)])
def test_only_a_sum_of_means_is_per_call(tmp_path: Path, value: str, is_sound: bool) -> None:
    """A mean may be said to be per record, and so may a sum of means, but no total."""
    text = SOUND.replace("ratio(hits > 0)", f"mean(input_tokens) + {value}(output_tokens)")
    text = text.replace("unit: ratio", "unit: tokens/call").partition("  better")[0]
    with nullcontext() if is_sound else pytest.raises(CatalogueInvalid, match="does not match the value"):
        _load(tmp_path, text)


def test_numbers_per_call_say_so_in_their_unit() -> None:
    """What is counted per call is one thing with one unit, so that the values can be compared."""
    units = {s.name: s.unit for s in load_catalogue([core_pack()]) if s.name.endswith("_per_call")}
    assert {name: unit for name, unit in units.items() if not unit.endswith("/call")} == {}
    assert len(units) >= 4


def test_reference_page_is_current() -> None:
    """The page in the repository is what the core pack says; `python -m pitwall.signals.docs` writes it."""
    page = REPOSITORY / "docs" / "reference" / "signals.md"
    assert page.read_text(encoding="utf-8") == reference(load_catalogue([core_pack()]))
