"""Every page and how to come to it: the address, what to press there, and what stands there in the end."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import quote

from playwright.sync_api import Page

from tests.e2e.running import ROOT
from tests.e2e.ui.world import World

Press = Callable[[Page, str], None]


@dataclass(frozen=True, slots=True)
class Case:
    """A state of a page.

    Attributes:
        name: Of the picture.
        path: Address; fields of the `World` stand in braces.
        shows: Selector of what must be seen before the page is judged.
        press: Leads on from the address, in the language of the page.
        tolerates: Text of a console error that belongs to this state.
        is_for_phone: Whether it is looked at in 390 px too.
    """

    name: str
    path: str
    shows: str
    press: Press | None = None
    tolerates: str = ""
    is_for_phone: bool = False

    def address(self, world: World) -> str:
        """The path with the world's ids in it."""
        return self.path.format(**asdict(world))


def word(language: str, namespace: str, key: str) -> str:
    """What the interface calls something."""
    found: Any = _texts(language, namespace)
    for part in key.split("."):
        found = found[part]
    return str(found)


@cache
def _texts(language: str, namespace: str) -> Any:
    return json.loads((ROOT / f"ui/src/i18n/{language}/{namespace}.json").read_text("utf-8"))


def _button(namespace: str, *keys: str) -> Press:
    """Press the buttons or menu items with these texts, one after another."""

    def press(page: Page, language: str) -> None:
        for key in keys:
            name = word(language, namespace, key)
            page.get_by_role("button", name=name, exact=True).or_(
                page.get_by_role("menuitem", name=name, exact=True)
            ).first.click()

    return press


def _fill_a_run(page: Page, language: str) -> None:
    """Choose a judge, wait for the thresholds of the plan, and show what asks a service."""
    _button("evals", "newRun.open")(page, language)
    profile = page.get_by_label(word(language, "evals", "newRun.profile")).and_(page.locator("input"))
    profile.fill("simulated")
    profile.press("Escape")
    _button("evals", "newRun.more")(page, language)
    page.locator("[role=dialog] input[placeholder='0.8']").wait_for()
    page.get_by_label(word(language, "evals", "newRun.answersFrom.http")).check()


def _keys(*keys: str) -> Press:
    def press(page: Page, language: str) -> None:
        for key in keys:
            page.keyboard.press(key)

    return press


def _hover(selector: str) -> Press:
    return lambda page, language: page.locator(selector).first.hover()


def _press_in_first_row(page: Page, language: str) -> None:
    page.locator("main td button").first.click()


_DIALOG: Final = "[role=dialog]"
_SCORED: Final = "[role=dialog] td"
_FAILED: Final = quote(json.dumps(["status:eq:error", "model:eq:qwen2.5:7b"]))
_P95: Final = "/signals/llm.p95_latency_ms"
_BY_MODEL: Final = f"by={quote(json.dumps(['model']))}"
_NOBODY: Final = quote("service = 'nobody'")
_MISTYPED: Final = quote("servce = 'x'")
_STRANGE: Final = "0123456789abcdef0123456789abcdef"

_OVERVIEW: Final = (
    Case("overview-real-time", "/?board=real_time", "canvas", is_for_phone=True),
    Case("overview-quality", "/?board=quality", "canvas"),
    Case("overview-cost", "/?board=cost", "canvas", is_for_phone=True),
    Case("overview-explained", "/?board=real_time", "[role=tooltip]", _hover("main li a[href*='/signals/']")),
    Case("overview-edit", "/?board=real_time&edit=true", "main input", is_for_phone=True),
    Case("overview-add-tile", "/?board=quality&edit=true", _DIALOG, _button("overview", "edit.addTile")),
    Case("overview-add-chart", "/?board=quality&edit=true", _DIALOG, _button("overview", "edit.addChart")),
    Case("overview-yaml", "/?board=cost", _DIALOG, _button("overview", "board.more", "board.yaml")),
    Case("overview-unknown", "/?board=gone", "main h2"),
    Case("overview-future", "/?since=2099-01-01T00:00:00Z&until=2099-01-02T00:00:00Z", "main h2"),
    Case("first-minute", "/?project=empty", "main pre", is_for_phone=True),
    Case("wall", "/wall?board=real_time", "canvas", is_for_phone=True),
)
_TRACES: Final = (
    Case("traces", "/traces", "[role=gridcell]", is_for_phone=True),
    Case("traces-spans", "/traces?level=span", "[role=gridcell]"),
    Case("traces-filtered", f"/traces?filter={_FAILED}&sort=duration", "[role=gridcell]", is_for_phone=True),
    Case(
        "traces-preview",
        "/traces?preview={failed_trace}",
        "aside pre, [role=region] h3, [role=region] ol, [role=region] p",
        is_for_phone=True,
    ),
    Case("traces-columns", "/traces", _DIALOG, _button("traces", "columns.choose")),
    Case("traces-views", "/traces", _DIALOG, _button("traces", "views.title")),
    Case("traces-none", f"/traces?filter={_FAILED}&q=nobody-says-this", "main h2", is_for_phone=True),
    Case("traces-future", "/traces?since=2099-01-01T00:00:00Z&until=2099-01-02T00:00:00Z", "main h2"),
)
_TRACE: Final = (
    Case("trace", "/traces/{rag_trace}", "[role=tabpanel]", is_for_phone=True),
    Case("trace-conversation", "/traces/{agent_trace}?span={thought_span}", "[role=tabpanel]"),
    Case("trace-documents", "/traces/{rag_trace}?span={rerank_span}&tab=documents", "[role=tabpanel]"),
    Case("trace-attributes", "/traces/{rag_trace}?span={answer_span}&tab=attributes", "[role=tabpanel]"),
    Case("trace-events", "/traces/{failed_trace}?span={failed_span}&tab=events", "[role=tabpanel]"),
    Case("trace-logs", "/traces/{failed_trace}?span={failed_span}&tab=logs", "[role=tabpanel]"),
    Case("trace-scores", "/traces/{rag_trace}?span={root_span}&tab=scores", "[role=tabpanel]"),
    Case("trace-json", "/traces/{rag_trace}?span={answer_span}&tab=raw", "[role=tabpanel]"),
    Case("trace-timeline", "/traces/{failed_trace}?view=timeline", "[role=tabpanel]", is_for_phone=True),
    Case("trace-unknown", f"/traces/{_STRANGE}", "main h2, main h1", tolerates="404"),
    Case("trace-malformed", "/traces/banana", "main h2, main h1"),
    Case("compare", "/compare?left={rag_trace}&right={failed_trace}", "main table", is_for_phone=True),
    Case("compare-texts", "/compare?left={rag_trace}&right={failed_trace}&at={answer_span}", "main table"),
    Case("compare-empty", "/compare", "main input"),
)
_OWNERS: Final = (
    Case("sessions", "/sessions", "main td", is_for_phone=True),
    Case("sessions-none", "/sessions?q=nobody", "main h2"),
    Case("session", "/sessions/{session}", "main h2, main article", is_for_phone=True),
    Case("session-unknown", "/sessions/nobody", "main h2", tolerates="404"),
    Case("users", "/users", "main td", is_for_phone=True),
    Case("user", "/users/{user}", "main h2, main td", is_for_phone=True),
)
_SIGNALS: Final = (
    Case("signals", "/signals", "main a[href*='/signals/']", is_for_phone=True),
    Case("signals-none", "/signals?find=nothing-is-called-so", "main h2"),
    Case("signal-band", "/signals/llm.failure_rate", "canvas", is_for_phone=True),
    Case("signal-split", f"{_P95}?{_BY_MODEL}", "canvas"),
    Case("signal-compare", f"{_P95}?compare=true", "canvas"),
    Case("signal-bars", f"/signals/cost.usd?view=bars&{_BY_MODEL}", "canvas"),
    Case("signal-table", f"{_P95}?view=table&{_BY_MODEL}", "main td"),
    Case("signal-share", "/signals/quality.framework_share", "main"),
    Case("signal-exemplars", f"{_P95}?{_BY_MODEL}&at={{incident_at}}&of=qwen2.5:7b", "main table td"),
    Case("signal-no-data", f"{_P95}?where={_NOBODY}", "main h2"),
    Case("signal-refused", f"{_P95}?where={_MISTYPED}", "main [role=alert]"),
    Case("signal-unknown", "/signals/llm.no_such_signal", "main h2", tolerates="404"),
)
_WATCH: Final = (
    Case("alerts", "/alerts", "main h2, main td", is_for_phone=True),
    Case("alerts-firing", "/alerts?project=watched", "main td", is_for_phone=True),
    Case("alert", "/alerts/{alert}?project=watched", "main h2", is_for_phone=True),
    Case("alert-unknown", f"/alerts/{_STRANGE}", "main h2", tolerates="404"),
    Case("rules", "/alerts/rules", "main td", is_for_phone=True),
    Case("rule", "/alerts/rules/requests.errors", "main textarea", is_for_phone=True),
    Case("rule-new", "/alerts/new-rule", "main textarea"),
    Case("incidents", "/incidents", "main h2, main td", is_for_phone=True),
    Case("incidents-open", "/incidents?project=watched", "main td", is_for_phone=True),
    Case("incident", "/incidents/{incident}?project=watched", "main ol", is_for_phone=True),
    Case("incident-unknown", f"/incidents/{_STRANGE}", "main h2", tolerates="404"),
    Case("channels", "/notifications", "main h2", is_for_phone=True),
    Case("channels-known", "/notifications?project=watched", "main td", is_for_phone=True),
    Case("routes", "/notifications?view=routes", "main textarea", is_for_phone=True),
    Case("silences", "/notifications?view=silences", "main h2"),
    Case("silences-known", "/notifications?view=silences&project=watched", "main td"),
    Case("maintenance", "/notifications?view=maintenance", "main h2"),
    Case("maintenance-known", "/notifications?view=maintenance&project=watched", "main td"),
    Case("deliveries", "/notifications?view=deliveries", "main h2"),
    Case("deliveries-failed", "/notifications?view=deliveries&project=watched", "main td", is_for_phone=True),
    Case("errors", "/errors", "main td", is_for_phone=True),
    Case("error", "/errors/{error_group}?project=watched", "main h2", is_for_phone=True),
    Case("error-unknown", f"/errors/{_STRANGE}", "main h2", tolerates="404"),
    Case("costs", "/costs", "main h2", is_for_phone=True),
    Case("costs-budget", "/costs?project=watched", "main td"),
    Case("checks", "/checks", "main h2", is_for_phone=True),
    Case("checks-done", "/checks?project=watched", "main li", is_for_phone=True),
    Case("health", "/health", "main h2", is_for_phone=True),
    Case("health-probes", "/health?project=watched", "main td, main li", is_for_phone=True),
    Case("overview-incident", "/?project=watched&board=real_time", "canvas", is_for_phone=True),
)
_RUN: Final = "/evaluations/runs/{run_after}"
_COMPARED: Final = "/evaluations/compare?a={run_before}&b={run_after}"
_DATASET: Final = "/evaluations/datasets/voc-questions"
_EVALUATIONS: Final = (
    Case("evaluations", "/evaluations", "main td", is_for_phone=True),
    Case("evaluations-none", "/evaluations?state=failed", "main h2"),
    Case("evaluations-empty", "/evaluations?project=empty", "main code"),
    Case(
        "evaluations-new",
        "/evaluations?dataset=voc-questions",
        "[role=dialog] input[placeholder='0.8']",
        _fill_a_run,
        tolerates="422",  # the plan without a judge, if that is asked for before one is chosen
        is_for_phone=True,
    ),
    Case("eval-run", _RUN, "main [aria-rowindex]", is_for_phone=True),
    Case("eval-run-worst", f"{_RUN}?by=faithfulness&order=worst&show=failed", "main [aria-rowindex]"),
    Case("eval-run-unknown", "/evaluations/runs/nobody", "main h2", tolerates="404"),
    Case("eval-case", f"{_RUN}?case=0&metric=faithfulness", "[role=dialog] article", is_for_phone=True),
    Case("eval-case-lit", f"{_RUN}?case=1&metric=faithfulness", "[data-lit]", _hover("[data-lights]")),
    Case("eval-analysis", f"{_RUN}/analysis", "main #slices, main #retrieval", is_for_phone=True),
    Case("eval-analysis-case", f"{_RUN}/analysis?case=0", "[role=dialog] article"),
    Case("eval-trends", "/evaluations/trends", "main figure", is_for_phone=True),
    Case("eval-trends-two", "/evaluations/trends?a={run_before}&b={run_after}", "main figure"),
    Case("eval-trends-none", "/evaluations/trends?dataset=nothing", "main h2"),
    Case("eval-compare", f"{_COMPARED}&show=all", "main [aria-rowindex]", is_for_phone=True),
    Case("eval-compare-metric", f"{_COMPARED}&metric=f1_score&show=all", "main [aria-rowindex]"),
    Case("eval-pair", f"{_COMPARED}&case=q00", "[role=dialog] article", is_for_phone=True),
    Case("eval-compare-empty", "/evaluations/compare", "main h2"),
    Case("datasets", "/evaluations/datasets", "main td", is_for_phone=True),
    Case("datasets-import", "/evaluations/datasets", _DIALOG, _button("evals", "import.open")),
    Case("dataset", _DATASET, "main [aria-rowindex]", is_for_phone=True),
    Case("dataset-example", f"{_DATASET}?example=0", _DIALOG, is_for_phone=True),
    Case("dataset-unknown", "/evaluations/datasets/nothing", "main h2", tolerates="404"),
    Case("labels", "/evaluations/labels?run={run_after}&metric=faithfulness", "main h3", is_for_phone=True),
    Case("labels-empty", "/evaluations/labels", "main h2"),
    Case("missed", "/evaluations/missed?project=asked", "main td", is_for_phone=True),
    Case(
        "missed-question",
        "/evaluations/missed?project=asked",
        _DIALOG,
        _press_in_first_row,
    ),
    Case("missed-none", "/evaluations/missed?project=empty", "main h2"),
    Case("online-rules", "/evaluations/online?project=asked", "main td", is_for_phone=True),
    Case("online-rule", "/evaluations/online?project=asked&rule=judged", _SCORED),
    Case("online-rule-new", "/evaluations/online?project=empty", _DIALOG, _button("online", "form.open")),
    Case("traces-dataset", "/traces", _DIALOG, _button("traces", "dataset.open")),
)
_SHELL: Final = (
    Case("settings", "/settings", "main h2", is_for_phone=True),
    Case("not-found", "/no/such/page", "main h1", is_for_phone=True),
    Case("palette", "/settings", _DIALOG, _keys("Control+k")),
    Case("keyboard", "/settings", _DIALOG, _keys("?")),
    Case("menu", "/settings", "nav a", _button("shell", "menu"), is_for_phone=True),
)
CASES: Final = (*_OVERVIEW, *_TRACES, *_TRACE, *_OWNERS, *_SIGNALS, *_WATCH, *_EVALUATIONS, *_SHELL)
ON_DESKTOP: Final = tuple(case for case in CASES if case.name != "menu")
ON_PHONE: Final = tuple(case for case in CASES if case.is_for_phone)
