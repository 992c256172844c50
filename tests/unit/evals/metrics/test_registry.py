"""Metrics are found by name, configured by options, and a broken one of somebody else stays alone."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from pitwall.evals.metrics import registry
from pitwall.evals.metrics.elsewhere import ELSEWHERE
from pitwall.evals.metrics.errors import BrokenMetric, InvalidMetricOption, UnknownMetric, UnknownPreset
from pitwall.evals.metrics.naming import parse_name, split_names
from pitwall.evals.metrics.presets import MODES, PRESETS, mode_metrics, preset
from pitwall.evals.metrics.types import (
    CodeMetric,
    ConfigurableMetric,
    Family,
    Metric,
    MetricOption,
    MetricSpec,
    Needs,
)
from pitwall.evals.types import Answer, Case, Example, Score, ScoreStatus
from pitwall.kit.i18n import Text

SPEC = MetricSpec("brevity", 2, Family.ANSWER, Text("Brevity", "간결함"), Text("Is short.", "짧습니다."))
FILE = """
from pitwall.evals.metrics.types import CodeMetric, Family, MetricSpec
from pitwall.evals.types import Score, ScoreStatus
from pitwall.kit.i18n import Text

SPEC = MetricSpec("polite", 1, Family.ANSWER, Text("Polite", "공손함"), Text("Says please.", "부탁합니다."))
METRICS = (CodeMetric(SPEC, lambda case: Score("polite", ScoreStatus.SCORED, 1.0)),)
"""


def _brevity(spec: MetricSpec, options: Mapping[str, str]) -> Metric:
    most = int(options["k"])
    if most < 1:
        raise ValueError(f"k is {most}, at least 1 is needed")
    return CodeMetric(
        spec,
        lambda case: Score(spec.name, ScoreStatus.SCORED, float(len(case.answer.text or "") <= most)),
    )


BREVITY = ConfigurableMetric(
    SPEC,
    (MetricOption("k", Text("Characters.", "글자 수."), "10"), MetricOption("by", Text("x", "x"), "char")),
    _brevity,
)
PATTERN = ConfigurableMetric(
    replace(SPEC, name="pattern"), (MetricOption("pattern", Text("What to match.", "패턴.")),), _brevity
)


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> registry.Registry:
    """A registry with two metrics that take options and one that takes none."""
    plain = CodeMetric(
        replace(SPEC, name="plain_text"), lambda case: Score("plain_text", ScoreStatus.SCORED, 1)
    )
    return registry.Registry((BREVITY, PATTERN, plain), {}, ())


def test_metric_without_options_has_its_plain_name(known: registry.Registry) -> None:
    """What was asked for as `brevity` is called so, and its identity says what it was configured with."""
    metric = known.find("brevity")
    assert metric.spec.name == "brevity"
    assert registry.identity(metric) == "brevity@2:by=char:k=10"


@pytest.mark.parametrize("asked", ["brevity@5", "brevity:k=5", "brevity:k=5:by=char"])
def test_options_that_differ_from_defaults_are_in_the_name(known: registry.Registry, asked: str) -> None:
    """Two spellings of one configuration have one name, which is found again."""
    metric = known.find(asked)
    assert metric.spec.name == "brevity@5"
    assert known.find(metric.spec.name).spec == metric.spec
    assert registry.identity(metric) == "brevity@2:by=char:k=5"


async def test_configured_metric_scores_under_its_name(known: registry.Registry) -> None:
    """The score carries the name that the run has the metric under."""
    case = Case(Example("1", "q"), Answer("abcdef"))
    assert await known.find("brevity@5").score(case, None) == Score("brevity@5", ScoreStatus.SCORED, 0.0)
    assert await BREVITY.score(case, None) == Score("brevity", ScoreStatus.SCORED, 1.0)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("brevity:size=3", "has no option 'size'"),
        ("brevity@0", "k is 0, at least 1 is needed"),
        ("brevity:k=1:k=2", "has the option 'k' twice"),
        ("brevity:loud", "has an option without `=`"),
        ("plain_text@3", "has no option 'k'"),
        ("pattern", "needs the option 'pattern'"),
    ],
)
def test_wrong_options_are_named(known: registry.Registry, asked: str, said: str) -> None:
    """The message says which metric and which option."""
    with pytest.raises(InvalidMetricOption, match=said):
        known.find(asked)


def test_unknown_metric_names_near_ones(known: registry.Registry) -> None:
    """A typing error is answered with what was probably meant."""
    with pytest.raises(UnknownMetric, match=r"'brevitty'.*Do you mean brevity\?"):
        known.find("brevitty")


@pytest.mark.parametrize(("asked", "way"), list(ELSEWHERE.items()))
def test_metric_of_another_tool_is_answered_with_what_comes_nearest(asked: str, way: str) -> None:
    """The error says so, and the metrics that it names are there with their options."""
    own = registry.Registry(registry.built_in(), {}, ())
    with pytest.raises(UnknownMetric) as caught:
        own.find(asked)
    assert way in str(caught.value.hint)
    named = [name for name in re.findall(r"`([a-z_0-9:=]+)`", way) if name != "needs_followup"]
    assert [own.find(name).spec.name for name in named] == named
    assert named


def test_value_may_hold_colons_commas_and_equals_signs() -> None:
    """A pattern is taken as it is; only a comma needs a backslash in a list of names."""
    assert split_names(r"f1_score, regex:pattern=^a:b=\d{1\,3}$ ,f1_score,") == [
        "f1_score",
        r"regex:pattern=^a:b=\d{1,3}$",
    ]
    assert parse_name(r"regex:pattern=^A:B=\d{1,3}$").options == {"pattern": r"^A:B=\d{1,3}$"}


def test_file_of_the_user_adds_metrics(tmp_path: Path) -> None:
    """`METRICS` of a file are found by name, and it is said where they come from."""
    file = tmp_path / "mine.py"
    file.write_text(FILE, "utf-8")
    found = registry.load([file])
    assert found.find("polite").spec.title.ko == "공손함"
    assert found.sources == {"polite": str(file)}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("x = 1", "has no METRICS"),
        ("METRICS = (3,)", "3 is no metric"),
        ("def broken(:", "SyntaxError"),
    ],
)
def test_broken_file_is_named(tmp_path: Path, content: str, said: str) -> None:
    """The file and what is wrong with it are in the message."""
    file = tmp_path / "mine.py"
    file.write_text(content, "utf-8")
    with pytest.raises(BrokenMetric, match=said) as caught:
        registry.load([file])
    assert str(file) in caught.value.message


def test_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """A wrong path is not mistaken for an empty one."""
    with pytest.raises(BrokenMetric, match="There is no file"):
        registry.load([tmp_path / "absent.py"])


def test_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    """Nobody can change what a name means by adding a file twice."""
    file = tmp_path / "mine.py"
    file.write_text(FILE, "utf-8")
    with pytest.raises(BrokenMetric, match="there is a metric 'polite' already"):
        registry.load([file, file])


def test_broken_package_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that cannot be loaded is a problem by name; the other package's metrics are there."""
    points = [
        EntryPoint("bad", "no_such_module_here:metric", registry.GROUP),
        EntryPoint("good", f"{__name__}:BREVITY", registry.GROUP),
        EntryPoint("odd", "pathlib:Path", registry.GROUP),
    ]
    loaded = {points[1].value: BREVITY}
    original = EntryPoint.load
    monkeypatch.setattr(EntryPoint, "load", lambda self: loaded.get(self.value) or original(self))
    monkeypatch.setattr(registry, "entry_points", lambda group: points)
    found = registry.load()
    assert "brevity" in found.names
    assert [problem.source.split(" ")[0] for problem in found.problems] == ["bad", "odd"]
    assert "no_such_module_here" in found.problems[0].why


def test_identity_tells_judge_and_prompts_only_of_metrics_that_ask() -> None:
    """Two judges make two rulers; a metric without calls has none."""
    judged = CodeMetric(
        replace(SPEC, calls=2, prompts=(("claims", "ab12"), ("verdicts", "cd34"))),
        lambda case: Score("brevity", ScoreStatus.SCORED, 1.0),
    )
    plain = CodeMetric(SPEC, judged.function)
    assert registry.identity(judged, "qwen3:8b") == "brevity@2:judge=qwen3:8b:prompts=ab12+cd34"
    assert registry.identity(plain, "qwen3:8b", "bge-m3") == "brevity@2"
    vectors = CodeMetric(replace(SPEC, needs_embeddings=True), judged.function)
    assert registry.identity(vectors, "qwen3:8b", "bge-m3") == "brevity@2:embedding=bge-m3"


def test_presets_and_modes() -> None:
    """Known ones give their metrics, unknown ones name those that there are."""
    assert preset("quick") == ("faithfulness", "answer_relevancy")
    assert mode_metrics("full") is None
    assert set(MODES) == {"simple", "full", "multiturn"}
    assert set(PRESETS) >= {"quick", "production", "summary", "comprehensive"}
    with pytest.raises(UnknownPreset, match="Presets are quick"):
        preset("fast")
    with pytest.raises(UnknownPreset, match="Modes are simple"):
        mode_metrics("half")


def test_every_own_metric_tells_its_facts_in_both_languages() -> None:
    """Names are unique and lower case, texts are there in Korean and English."""
    specs = [metric.spec for metric in registry.built_in()]
    assert len({spec.name for spec in specs}) == len(specs)
    for spec in specs:
        assert spec.name == spec.name.lower()
        assert spec.version >= 1
        assert spec.title.en
        assert spec.title.ko
        assert spec.description.en
        assert any("가" <= letter <= "힣" for letter in spec.description.ko), spec.name
        assert spec.threshold is None or spec.highest is None or spec.threshold <= spec.highest
        assert all(isinstance(need, Needs) for need in spec.needs)


@pytest.mark.parametrize("page", ["metrics.md", "metrics.ko.md"])
async def test_metric_of_the_guide_works(tmp_path: Path, page: str) -> None:
    """Who copies the file of the guide has a metric."""
    guide = (Path(__file__).parents[4] / "docs" / "guides" / page).read_text("utf-8")
    file = tmp_path / "my_metrics.py"
    file.write_text(guide.partition("```python my_metrics.py\n")[2].partition("```")[0], "utf-8")
    metric = registry.load([file]).find("short_enough")
    case = Case(Example("1", "q"), Answer("short"))
    assert await metric.score(case, None) == Score("short_enough", ScoreStatus.SCORED, 1.0)


def test_presets_name_metrics_that_there_are() -> None:
    """All of those that ask no model are known; the judged ones are those of the field's names."""
    known = {metric.spec.name for metric in registry.built_in()}
    assert set(PRESETS["offline"]) <= known
    named = {name for names in (*PRESETS.values(), *MODES.values()) for name in names or ()}
    judged = {
        "faithfulness",
        "answer_relevancy",
        "context_precision",
        "context_recall",
        "factual_correctness",
        "semantic_similarity",
        "summary_score",
        "summary_faithfulness",
        "turn_faithfulness",
    }
    assert named <= known | judged


def test_metrics_come_without_heavy_packages() -> None:
    """The process of a run stays small: no arrays, no web framework, no store, no morphemes, no BLEU."""
    heavy = "numpy pandas fastapi chdb grpc kiwipiepy sacrebleu sqlalchemy"
    program = (
        "import sys; from pitwall.evals.metrics.registry import built_in; built_in(); "
        f"print([name for name in {heavy!r}.split() if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
