"""What a comparison says before its numbers: other rulers, other data, missing cases."""

from __future__ import annotations

import pytest

from pitwall.evals.comparison.comparing import compare
from pitwall.evals.comparison.notices import Identity, read_identity
from pitwall.evals.comparison.types import MetricColumns, NoticeKind, RunColumns
from tests.unit.evals.comparison.builders import make_metric, make_run

VALUES = [0.9, 0.8, 0.7]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("exact_match@1", Identity("1", "", None, None)),
        ("ndcg@2:k=5", Identity("2", ":k=5", None, None)),
        ("faithfulness@3:judge=qwen2.5:7b:prompts=ab12+cd34", Identity("3", "", "qwen2.5:7b", "ab12+cd34")),
        ("rubric@1:scale=5:judge=gpt-4o", Identity("1", ":scale=5", "gpt-4o", None)),
        ("something else", Identity("something else", "", None, None)),
    ],
)
def test_identity_is_read_in_parts(text: str, expected: Identity) -> None:
    """Names of models may have colons of their own."""
    assert read_identity(text) == expected


def _kinds(a: RunColumns, b: RunColumns) -> list[NoticeKind]:
    return [notice.kind for notice in compare(a, b).notices]


def _metric(identity: str = "faithfulness@3:judge=m:prompts=ab", threshold: float = 0.7) -> MetricColumns:
    return make_metric(VALUES, identity=identity, threshold=threshold)


@pytest.mark.parametrize(
    ("identity", "kind"),
    [
        ("faithfulness@4:judge=m:prompts=ab", NoticeKind.VERSION),
        ("faithfulness@3:judge=n:prompts=ab", NoticeKind.JUDGE),
        ("faithfulness@3:judge=m:prompts=cd", NoticeKind.PROMPTS),
        ("faithfulness@3:strict=true:judge=m:prompts=ab", NoticeKind.OPTIONS),
    ],
)
def test_another_ruler_is_named(identity: str, kind: NoticeKind) -> None:
    """By which part of the score's identity differs, in both languages."""
    found = compare(make_run(_metric()), make_run(_metric(identity), run_id="run_b")).notices
    assert [(notice.kind, notice.metric) for notice in found] == [(kind, "faithfulness")]
    assert found[0].kind.is_other_ruler
    assert found[0].text.en != found[0].text.ko


def test_same_change_of_many_metrics_is_told_once() -> None:
    """A run by another judge: one line for all that it judged."""
    a, b = (
        make_run(*(make_metric(VALUES, name=name, identity=f"{name}@1:judge={judge}") for name in "mn"))
        for judge in ("old", "new")
    )
    notice = next(one for one in compare(a, b).notices if one.kind is NoticeKind.JUDGE)
    assert (notice.metric, notice.text.en[:31]) == (None, "m, n: another judge (old -> new")


def test_same_ruler_says_nothing() -> None:
    """Two runs of the same plan."""
    assert _kinds(make_run(_metric()), make_run(_metric(), run_id="run_b")) == []


def test_other_threshold_and_other_data_come_first() -> None:
    """What makes numbers incomparable stands before what is merely missing."""
    a = make_run(_metric(), make_metric(VALUES, name="only_here"), is_complete=False)
    b = make_run(_metric(threshold=0.5), run_id="run_b", dataset_hash="ffff")
    assert _kinds(a, b) == [
        NoticeKind.DATASET,
        NoticeKind.THRESHOLD,
        NoticeKind.INCOMPLETE,
        NoticeKind.UNSHARED,
    ]


def test_other_dataset_is_told_by_name() -> None:
    """Or by the beginning of its hash where the name is the same."""
    a, b = make_run(_metric()), make_run(_metric(), run_id="run_b", dataset_hash="ffff0000aa")
    assert "00112233" in compare(a, b).notices[0].text.ko
    other = make_run(_metric(), run_id="run_b", dataset="voc", dataset_hash="ffff0000aa")
    assert "'voc'" in compare(a, other).notices[0].text.en


def test_other_answers_in_the_dataset_are_no_other_ruler() -> None:
    """A dataset that stores answers gets another hash with each set of them; only what is asked counts."""
    asked = {"c0": "q0", "c1": "q1", "c2": "q2"}
    a = make_run(_metric(), asked=asked)
    b = make_run(_metric(), run_id="run_b", dataset_hash="ffff", asked={**asked, "c9": "new"})
    assert _kinds(a, b) == []
    changed = make_run(_metric(), run_id="run_b", dataset_hash="ffff", asked={**asked, "c1": "changed"})
    notice = compare(a, changed).notices[0]
    assert (notice.kind, notice.text.en[:11]) == (NoticeKind.DATASET, "1 of the 3 ")


def test_many_unscored_cases_are_told() -> None:
    """More than 2 in 100, with how many."""
    a = make_run(make_metric([0.5] * 97 + [None] * 3))
    b = make_run(make_metric([0.5] * 100), run_id="run_b")
    notice = compare(a, b).notices[0]
    assert notice.kind is NoticeKind.UNSCORED
    assert "3 of 100 cases (3%)" in notice.text.en
    assert _kinds(make_run(make_metric([0.5] * 98 + [None] * 2)), b) == []


def test_run_against_itself_is_told() -> None:
    """It can only be equal."""
    assert _kinds(make_run(_metric()), make_run(_metric())) == [NoticeKind.SAME_RUN]
