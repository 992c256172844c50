"""The report says what the parts say, in both languages; a model's text says nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pitwall.evals.analysis.artifacts import write_artifacts
from pitwall.evals.analysis.graph import Node, run_graph
from pitwall.evals.analysis.plan import NODES
from pitwall.evals.analysis.report import pages
from pitwall.evals.analysis.report.brief import Brief, Evidence, Fact, make_brief
from pitwall.evals.analysis.report.writing import (
    WrittenParagraph,
    WrittenReport,
    find_problem,
    write_text,
)
from pitwall.evals.analysis.simulated import register_rule
from pitwall.evals.analysis.types import Output, RunData
from pitwall.evals.analysis.wire import analysis_json
from pitwall.kit.i18n import Language
from pitwall.llm.models import ModelsPlan, open_models
from pitwall.llm.profiles import SIMULATED_ENDPOINT
from pitwall.llm.types import Answered, CallFailed, CallFailure
from tests.support.analyses import make_data, make_metric

BRIEF = Brief(
    (Fact("F1", "metric faithfulness: mean 0.5498", (0.5498, 18.0, -0.1502)),),
    (Evidence("E1", "tc-07", "case tc-07: faithfulness 0.14", (0.14,)),),
    ("f1_score", "tc-07"),
)


def _analysis(**fields: Any) -> dict[str, Any]:
    values = [0.2 if row % 4 == 0 else 0.9 for row in range(40)]
    questions = [f"환급금 <b>안내</b> | {row}" for row in range(40)]
    return analysis_json(
        run_graph(NODES, make_data(make_metric("faithfulness", values), questions=questions, **fields))
    )


def _problem(text: str, facts: list[str] | None = None, evidence: list[str] | None = None) -> bool:
    cited = ["F1"] if facts is None else facts
    paragraph = WrittenParagraph(text=text, facts=cited, evidence=evidence or [])
    return find_problem(WrittenReport(paragraphs=[paragraph]), BRIEF) is not None


@pytest.mark.parametrize(
    "text",
    [
        "Faithfulness is 0.55 over 18 cases.",
        "충실도 평균은 55%이며 18개 케이스입니다.",
        "It is 0.15 below its threshold; 95 % intervals.",
        "f1_score and case tc-07 are named [F1].",
    ],
)
def test_text_with_measured_numbers_is_kept(text: str) -> None:
    """Numbers may be rounded, be percentages, or have lost their sign; names are no numbers."""
    assert not _problem(text)


@pytest.mark.parametrize(
    ("text", "facts", "evidence"),
    [
        ("All cases are at most 0.14.", ["F1"], []),
        ("Only n = 1 case was judged.", ["F1"], []),
        ("A better prompt gains 20 %.", ["F1"], []),
        ("세 개의 케이스가 실패했습니다.", ["F1"], []),
        ("Twenty cases fail.", ["F1"], []),
        ("It is low.", [], []),
        ("It is low.", ["F9"], []),
        ("See E4.", ["F1"], []),
        ("Case is low.", [], ["E2"]),
    ],
)
def test_text_with_a_number_or_case_of_its_own_is_refused(
    text: str, facts: list[str], evidence: list[str]
) -> None:
    """A number that the cited facts do not have, written in digits or words, or an id that is not there."""
    assert _problem(text, facts, evidence)


def test_number_of_cited_evidence_is_kept() -> None:
    """A case that is cited may be quoted with its score."""
    assert not _problem("The lowest has 0.14 [E1].", [], ["E1"])


class _Model:
    def __init__(self, said: WrittenReport | CallFailed) -> None:
        self._said = said

    async def ask(self, messages: Any, shape: Any, *, sample: int = 0) -> Answered[Any]:
        if isinstance(self._said, CallFailed):
            raise self._said
        return Answered(self._said, ("key",))

    async def embed(self, texts: Any) -> list[list[float]]:
        raise NotImplementedError


async def test_refused_text_leaves_the_deterministic_report_and_says_why() -> None:
    """The page without the model's words, and one line about them."""
    analysis = _analysis()
    invented = WrittenReport(
        paragraphs=[WrittenParagraph(text="It rose by 37 %.", facts=["F1"], evidence=[])]
    )
    text = await write_text(_Model(invented), make_brief(analysis), Language.ENGLISH)
    page = pages.markdown(analysis, Language.ENGLISH, text=text.paragraphs, refused=text.refused)
    assert "It rose by" not in page
    assert "37 %" in (text.refused or "")
    assert "was not used" in page


async def test_kept_text_cites_its_facts() -> None:
    """What a model may say stands in the page with the ids that it rests on."""
    brief = make_brief(_analysis())
    fact = next(one for one in brief.facts if one.says.startswith("metric faithfulness"))
    said = WrittenReport(
        paragraphs=[WrittenParagraph(text=f"Mean {fact.numbers[0]:.3f}.", facts=[fact.id], evidence=["E1"])]
    )
    text = await write_text(_Model(said), brief, Language.ENGLISH)
    assert text.paragraphs == (f"Mean {fact.numbers[0]:.3f}. [{fact.id}][E1]",)


@pytest.mark.parametrize("language", list(Language))
async def test_simulated_summary_is_kept_and_says_what_it_is(language: Language) -> None:
    """It quotes facts as they are, so nothing in it was not measured."""
    register_rule()
    async with open_models(ModelsPlan(SIMULATED_ENDPOINT)) as models:
        text = await write_text(models, make_brief(_analysis()), language)
    assert text.refused is None
    assert len(text.paragraphs) > 1
    assert all(one.startswith("simulated") for one in text.paragraphs)
    assert ("모델이 쓴 글이 아님" in text.paragraphs[0]) == (language is Language.KOREAN)


async def test_model_that_fails_leaves_a_report() -> None:
    """No usable reply is a reason, not an error."""
    failed = CallFailed("The endpoint is down.", failure=CallFailure.UNAVAILABLE)
    text = await write_text(_Model(failed), make_brief(_analysis()), Language.KOREAN)
    assert text.paragraphs == ()
    assert "The endpoint is down." in (text.refused or "")


@pytest.mark.parametrize("language", list(Language))
def test_report_is_the_same_each_time_and_in_its_language(language: Language) -> None:
    """Same data, same page; every chapter has its heading; texts of people break nothing."""
    page = pages.markdown(_analysis(), language)
    durations = pages.markdown(_analysis(), language)
    assert page == durations
    assert ("## 메트릭" in page) is (language is Language.KOREAN)
    assert "&lt;b>" in page
    assert "\\|" in page
    assert "<b>" not in pages.html(_analysis(), language)
    assert "<svg" in pages.html(_analysis(), language)
    assert "data:image/svg+xml" in pages.markdown(_analysis(), language, with_charts=True)


def test_artifacts_lie_where_they_are_expected(tmp_path: Path) -> None:
    """The paths and the index that tools read."""

    def breaks(_data: RunData) -> Output:
        raise ZeroDivisionError("x")

    data = make_data(make_metric("faithfulness", [0.2, 0.9]), run_id="run_7")
    analysis = analysis_json(run_graph([*NODES, Node("breaks", breaks)], data))
    write_artifacts(
        analysis, {"markdown": "# x\n", "by": "rules", "why": None}, tmp_path / "reports/analysis"
    )
    folder = tmp_path / "reports/analysis"
    parts = folder / "artifacts" / "analysis_run_7"
    assert {path.name for path in folder.iterdir()} == {
        "analysis_run_7.json",
        "analysis_run_7.md",
        "artifacts",
    }
    index = json.loads((parts / "index.json").read_text())
    assert set(index) == {"pipeline_id", "intent", "duration_ms", "nodes", "final_output_path"}
    assert [set(node) for node in index["nodes"]] == [
        {"node_id", "status", "duration_ms", "error", "path"}
    ] * len(index["nodes"])
    assert index["nodes"][-1]["status"] == "failed"
    assert "ZeroDivisionError" in index["nodes"][-1]["error"]
    expected = {f"{node['node_id']}.json" for node in index["nodes"]} | {"index.json", "final_output.json"}
    assert {path.name for path in parts.iterdir()} == expected
    assert json.loads((parts / index["final_output_path"]).read_text())["report"]["markdown"] == "# x\n"
