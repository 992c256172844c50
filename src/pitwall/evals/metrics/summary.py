"""Is the answer a good summary of the contexts? Key points kept, nothing added, shorter than the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pitwall.evals.judging.items import judge_items, picked, verdict_view
from pitwall.evals.judging.judge import Judge, together
from pitwall.evals.judging.prompts import Block, listed
from pitwall.evals.judging.shapes import (
    Answerable,
    KeyQuestion,
    KeyQuestions,
    QuestionVerdict,
    QuestionVerdicts,
)
from pitwall.evals.judging.windows import Passage, passages, windows
from pitwall.evals.metrics.claim_matrix import Share, share
from pitwall.evals.metrics.claim_questions import Part, claim_metric, prompts_of
from pitwall.evals.metrics.claims import faithfulness_by
from pitwall.evals.metrics.judged import (
    Find,
    Finding,
    JudgedMetric,
    configurable,
    not_applicable,
    say,
    scored,
    undetermined,
)
from pitwall.evals.metrics.judged_options import ratio
from pitwall.evals.metrics.judged_reasons import Reason
from pitwall.evals.metrics.types import Family, Metric, MetricOption, MetricSpec, Needs
from pitwall.evals.types import Case, ScoreStatus
from pitwall.kit.i18n import Text

KEY_QUESTIONS: Final = "key_questions"
COVERAGE: Final = "question_coverage"
QUESTIONS: Final = 10
_EARNED_IN_FULL: Final = 0.5
_NEEDS: Final = frozenset({Needs.ANSWER, Needs.CONTEXTS})


async def find_coverage(case: Case, judge: Judge) -> Finding:
    """Ask which key points of the source the summary tells."""
    chunks = case.answer.contexts or ()
    if any(chunk.is_only_named for chunk in chunks):
        return not_applicable(Reason.NO_CONTEXT_TEXT, judge.language)
    source = windows(passages([chunk.text for chunk in chunks]))
    if not source:
        return not_applicable(Reason.NO_CONTEXTS, judge.language)
    questions = await _key_questions(judge, source)
    if not questions:
        return not_applicable(Reason.NO_KEY_POINTS, judge.language)
    numbered = dict(enumerate(questions, 1))
    verdicts = await _verdicts(judge, numbered, case.answer.text or "")
    return _conclude_coverage(numbered, verdicts, judge.language)


async def _key_questions(judge: Judge, source: Sequence[Sequence[Passage]]) -> list[str]:
    """Questions with what the source answers, as one line each."""
    each = max(2, -(-QUESTIONS // len(source)))
    replies = await together([_ask_questions(judge, window, each) for window in source])
    asked = [f"{one.question} => {one.answer}" for reply in replies for one in reply if one.question.strip()]
    return list(dict.fromkeys(" ".join(line.split()) for line in asked))


async def _ask_questions(judge: Judge, window: Sequence[Passage], count: int) -> list[KeyQuestion]:
    blocks = [Block("source", passage.text, passage.number) for passage in window]
    return (await judge.ask(KEY_QUESTIONS, KeyQuestions, blocks, {"count": str(count)})).questions


async def _verdicts(judge: Judge, questions: Mapping[int, str], summary: str) -> dict[int, QuestionVerdict]:
    return await judge_items(
        judge,
        COVERAGE,
        QuestionVerdicts,
        lambda reply: reply.verdicts,
        questions,
        lambda wanted: [Block("text", summary), Block("questions", listed(picked(questions, wanted)))],
    )


def _conclude_coverage(
    questions: Mapping[int, str], verdicts: Mapping[int, QuestionVerdict], language: str
) -> Finding:
    counted = answered_share([verdicts[n].verdict if n in verdicts else None for n in questions])
    shown = [{"text": text, **verdict_view(verdicts.get(n))} for n, text in questions.items()]
    evidence: dict[str, Any] = {"questions": shown, "coverage": counted.coverage}
    if not counted.is_determined or counted.value is None:
        return undetermined(Reason.LOW_COVERAGE, language, evidence, coverage=counted.coverage)
    explanation = say(language, _ANSWERED, holds=counted.holds, total=counted.total)
    return scored(counted.value, explanation, evidence)


def answered_share(verdicts: Sequence[Answerable | None]) -> Share:
    """Share of the questions that are answered, and not with something else than the source says."""
    return share(
        (verdict is Answerable.ANSWERED for verdict in verdicts),
        (verdict is not None for verdict in verdicts),
    )


_ANSWERED: Final = Text(
    "The summary tells {holds} of {total} key points.", "요약이 핵심 {total}개 중 {holds}개를 전합니다."
)

SUMMARY_COVERAGE: Final = JudgedMetric(
    MetricSpec(
        "summary_coverage",
        1,
        Family.SUMMARY,
        Text("Summary coverage", "요약 포괄도"),
        Text(
            "Share of the questions on key points of the contexts that the summary answers, and rightly.",
            "컨텍스트의 핵심에 대한 질문 가운데 요약이 옳게 답하는 비율.",
        ),
        needs=_NEEDS,
        calls=2,
    ),
    (KEY_QUESTIONS, COVERAGE),
    find_coverage,
)

SUMMARY_FAITHFULNESS: Final = claim_metric(
    MetricSpec(
        "summary_faithfulness",
        1,
        Family.SUMMARY,
        Text("Summary faithfulness", "요약 충실성"),
        Text(
            "Share of the summary's claims that the contexts support (alignment): faithfulness, for "
            "summaries.",
            "요약의 주장 가운데 컨텍스트가 뒷받침하는 비율(정렬도): 요약을 위한 충실성.",
        ),
        needs=_NEEDS,
        calls=2,
    ),
    faithfulness_by("unsupported"),
)


def conciseness(n_summary: int, n_source: int) -> float:
    """How much shorter a summary is than its source, in characters: 0 as long, near 1 very short."""
    return 1 - min(n_summary, n_source) / n_source if n_source else 0.0


def summary_score(coverage: float, short: float, coefficient: float) -> float:
    """Weigh coverage and conciseness; who tells less than half of the key points earns less for being short.

    A summary that tells nothing is 0 however short it is.
    """
    earned = short * min(1.0, coverage / _EARNED_IN_FULL)
    return (1 - coefficient) * coverage + coefficient * earned


def _choose_score(options: Mapping[str, str]) -> Find:
    coefficient = ratio("coefficient", options["coefficient"])

    async def find(case: Case, judge: Judge) -> Finding:
        found = await find_coverage(case, judge)
        if found.value is None:
            return found
        source = sum(len(chunk.text.strip()) for chunk in case.answer.contexts or ())
        short = conciseness(len((case.answer.text or "").strip()), source)
        evidence = {**found.evidence, "summary_coverage": found.value, "conciseness": short}
        return scored(summary_score(found.value, short, coefficient), found.explanation, evidence)

    return find


SUMMARY_SCORE: Final = configurable(
    MetricSpec(
        "summary_score",
        1,
        Family.SUMMARY,
        Text("Summary score", "요약 점수"),
        Text(
            "(1 - coefficient) x coverage of key points + coefficient x conciseness (how much shorter than "
            "the contexts). Below a coverage of one half, conciseness counts less, so that an empty "
            "summary earns nothing.",
            "(1 - coefficient) x 핵심 포괄도 + coefficient x 간결성(컨텍스트보다 얼마나 짧은가). 포괄도가 "
            "절반에 못 미치면 간결성을 덜 쳐서, 빈 요약은 점수를 얻지 못합니다.",
        ),
        needs=_NEEDS,
        calls=2,
    ),
    (KEY_QUESTIONS, COVERAGE),
    (
        MetricOption(
            "coefficient", Text("Weight of conciseness, 0 to 1.", "간결성의 가중치, 0에서 1."), "0.3"
        ),
    ),
    _choose_score,
)


async def find_summarization(case: Case, judge: Judge) -> Finding:
    """Take the weaker of coverage and faithfulness."""
    covered, aligned = await together(
        [find_coverage(case, judge), faithfulness_by("unsupported").find(case, judge)]
    )
    weaker = min(
        (covered, aligned),
        key=lambda one: (one.status is ScoreStatus.SCORED, one.value if one.value is not None else 0.0),
    )
    evidence = {"coverage": _part(covered), "faithfulness": _part(aligned)}
    return Finding(weaker.status, weaker.value, weaker.reason, weaker.explanation, evidence)


def _part(found: Finding) -> dict[str, Any]:
    return {"value": found.value, "status": found.status.value, "evidence": found.evidence}


SUMMARIZATION: Final = JudgedMetric(
    MetricSpec(
        "summarization",
        1,
        Family.SUMMARY,
        Text("Summarization", "요약 품질"),
        Text(
            "The smaller of summary_coverage and summary_faithfulness (DeepEval's summarization).",
            "summary_coverage와 summary_faithfulness 중 작은 값(DeepEval의 summarization).",
        ),
        needs=_NEEDS,
        calls=4,
    ),
    (*prompts_of(Part.ANSWER_BY_CHUNKS), KEY_QUESTIONS, COVERAGE),
    find_summarization,
)

METRICS: Final[tuple[Metric, ...]] = (
    SUMMARY_SCORE,
    SUMMARY_FAITHFULNESS,
    SUMMARY_COVERAGE,
    SUMMARIZATION,
)
