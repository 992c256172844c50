"""Whatever applications send is shown as text: no page runs it, asks another host, or stops for its size."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from tests.e2e.running import Project, RunningPitwall
from tests.e2e.ui.browser import Screen
from tests.e2e.ui.conftest import OpenScreen
from tests.e2e.ui.sending import SentSpan, send, send_and_wait

TRACE, OTHER, LONG, HALVES = "a" * 32, "b" * 32, "d" * 32, "e" * 32
SCRIPT = "<script>window.__pwned = 1; alert(1)</script>"
IMAGE = '<img src="http://evil.example/x.png" onerror="window.__pwned = 2">'
BREAKOUT = "\"><svg onload='window.__pwned = 3'>"
LINK = "javascript:window.__pwned=4"
ANSI, RTL = "\x1b[31mred\x1b[0m", "\u202etxt.exe"
LONG_TEXT = SCRIPT + "a line of a very long prompt\n" * 72_000 + "the very end"
FILTER = f'["name:eq:{SCRIPT}"]'
HURRIED_MS = 1500


@pytest.fixture(scope="module")
def project(pitwall_server: RunningPitwall) -> Project:
    """Traces whose every text tries something."""
    project = pitwall_server.project("hostile")
    for trace_id in (TRACE, OTHER):
        send_and_wait(project, hostile_spans(trace_id))
    long = SentSpan(name="long", trace_id=LONG, attributes={"input.value": LONG_TEXT})
    wall = long.below("wall", **{"output.value": "x" * 2_000_000})
    send_and_wait(project, [long, wall])
    return project


def hostile_spans(trace_id: str) -> list[SentSpan]:
    ids = {"session.id": f"s{BREAKOUT}", "user.id": f"u{IMAGE}", "request.id": SCRIPT}
    root = SentSpan(
        name=f"root {SCRIPT}",
        trace_id=trace_id,
        service=f"shop {IMAGE}",
        environment=f"prod{BREAKOUT}",
        attributes={**ids, f"key {IMAGE}": BREAKOUT},
        error=f"it failed {SCRIPT}{ANSI}",
    )
    documents = {
        "openinference.span.kind": "RETRIEVER",
        "retrieval.documents.0.document.id": IMAGE,
        "retrieval.documents.0.document.content": f"[click]({LINK}) {SCRIPT}",
        "retrieval.documents.0.document.metadata": f'{{"source": "{LINK}", "title": "title {RTL}"}}',
    }
    model = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": f"model {IMAGE}",
        "gen_ai.provider.name": SCRIPT,
        "gen_ai.input.messages": f"question {SCRIPT} {ANSI} {RTL} [link]({LINK})",
        "gen_ai.output.messages": f"answer {trace_id[0]} {IMAGE}{BREAKOUT}",
    }
    search, call = root.below(f"search {RTL}", **documents), root.below(f"call {ANSI}", **model)
    return [root, search, call]


@contextmanager
def guarded(open_screen: OpenScreen, url: str) -> Iterator[Screen]:
    """A window in which nothing may run, open a dialog, or break the policy of what may be loaded."""
    with open_screen(url) as shown:
        dialogs: list[str] = []

        def note(dialog: Dialog) -> None:
            dialogs.append(dialog.message)
            dialog.dismiss()

        shown.page.on("dialog", note)
        shown.page.add_init_script(
            "document.addEventListener('securitypolicyviolation',"
            " (event) => (window.__violations ??= []).push(event.violatedDirective))"
        )
        yield shown
        assert dialogs == []
        assert_nothing_ran(shown.page)


def assert_nothing_ran(page: Page) -> None:
    ran = page.evaluate("() => [window.__pwned ?? null, window.__violations ?? [], window.origin]")
    assert ran[:2] == [None, []]
    assert page.locator("main img, main script, main svg[onload], main a[href^='javascript']").count() == 0


@pytest.mark.parametrize(
    ("path", "texts"),
    [
        ("/", [f"shop {IMAGE}", f"model {IMAGE}"]),
        ("/traces", [f"root {SCRIPT}", f"model {IMAGE}"]),
        ("/traces?level=span", ["search \\u202etxt.exe", "call \\x1b[31mred\\x1b[0m", f"question {SCRIPT}"]),
        (f"/traces?preview={TRACE}", [f"it failed {SCRIPT}\\x1b[31mred", f"u{IMAGE}"]),
        (f"/traces/{TRACE}", [f"root {SCRIPT}", f"it failed {SCRIPT}\\x1b[31mred", f"shop {IMAGE}"]),
        (f"/traces/{TRACE}?tab=attributes", [f"key {IMAGE}", BREAKOUT]),
        (f"/traces/{TRACE}?tab=raw", [f"root {SCRIPT}"]),
        ("/sessions", [f"s{BREAKOUT}"]),
        ("/users", [f"u{IMAGE[:40]}"]),
        (f"/sessions/{quote('s' + BREAKOUT, safe='')}", [f"s{BREAKOUT}"]),
        (f"/users/{quote('u' + IMAGE, safe='')}", [f"u{IMAGE[:40]}"]),
        (f"/compare?left={TRACE}&right={OTHER}", [f"root {SCRIPT}", f"answer b {IMAGE}"]),
        ("/signals/llm.requests?by=model&by=service", [f"model {IMAGE}"]),
        ("/settings", []),
        (f"/traces?q={quote(SCRIPT)}", [f"text contains “{SCRIPT}”"]),
        (f"/traces?filter={quote(FILTER)}", [f"is {SCRIPT}"]),
        (f"/?board={quote(IMAGE)}", [IMAGE]),
        (f"/signals/{quote(SCRIPT, safe='')}", [SCRIPT]),
    ],
)
def test_page_shows_what_was_sent_as_text(
    project: Project, open_screen: OpenScreen, path: str, texts: list[str]
) -> None:
    """Markup, escapes and direction marks stand there to be read, on every page."""
    with guarded(open_screen, project.server.url) as shown:
        shown.page.goto(f"{project.server.url}{path}{'&' if '?' in path else '?'}project={project.name}")
        for text in texts:
            expect(shown.page.get_by_role("main")).to_contain_text(text)
        shown.settle()


def test_span_of_every_kind_is_text(project: Project, open_screen: OpenScreen) -> None:
    """Conversation and documents: no link, no picture and no turned direction comes out of a text."""
    with guarded(open_screen, project.server.url) as shown:
        page = shown.open(f"/traces/{TRACE}?project={project.name}")
        panel = page.get_by_role("region", name="Chosen span")
        rows = page.get_by_role("treegrid").get_by_role("row")
        rows.filter(has_text="call").click()
        expect(panel).to_contain_text(f"question {SCRIPT} \\x1b[31mred\\x1b[0m \\u202etxt.exe [link]({LINK})")
        expect(panel).to_contain_text(f"answer a {IMAGE}{BREAKOUT}")
        rows.filter(has_text="search").click()
        expect(panel.get_by_role("list", name="Documents")).to_contain_text(f"[click]({LINK}) {SCRIPT}")
        expect(panel.get_by_role("link")).to_have_count(0)


def test_scope_with_quotes_is_a_value_like_any_other(project: Project, open_screen: OpenScreen) -> None:
    """An environment and a service with quotes and markup in their names narrow every page."""
    scope = f"env={quote('prod' + BREAKOUT)}&service={quote('shop ' + IMAGE)}"
    with guarded(open_screen, project.server.url) as shown:
        page = shown.open(f"/traces?project={project.name}&{scope}")
        expect(page.get_by_role("status").filter(has_text="2 traces")).to_be_visible()
        page = shown.open(f"/signals/requests.count?project={project.name}&{scope}")
        expect(page.get_by_role("complementary")).to_contain_text("2 samples")


def test_two_megabytes_are_opened_without_a_stop(project: Project, open_screen: OpenScreen) -> None:
    """A long text is cut; the whole of it is one click away, and the page goes on answering."""
    with guarded(open_screen, project.server.url) as shown:
        page = shown.open(f"/traces/{LONG}?project={project.name}")
        panel = page.get_by_role("region", name="Chosen span")
        panel.get_by_role("button", name="Show all 2,088,").click()
        whole = panel.get_by_role("region", name="Whole text")
        expect(whole).to_contain_text("the very end")
        assert milliseconds_to_paint(page) < HURRIED_MS
        whole.focus()
        for _ in range(5):  # what was never in sight has a guessed height, so one press comes close
            page.keyboard.press("End")
            assert milliseconds_to_paint(page) < HURRIED_MS
            come_to_rest(whole)
        expect(whole.get_by_text("the very end")).to_be_in_viewport()
        page.get_by_role("treegrid").get_by_role("row").filter(has_text="wall").click()
        panel.get_by_role("button", name="Show all 2,000,000").click()
        expect(whole).to_contain_text("xxx")
        assert milliseconds_to_paint(page) < HURRIED_MS


def come_to_rest(scrolled: Locator) -> None:
    """Wait until an element does not scroll any more."""
    scrolled.evaluate(
        """(element) => new Promise((done) => {
          let last = -1;
          const look = () => {
            if (element.scrollTop === last) done();
            else setTimeout(look, 100);
            last = element.scrollTop;
          };
          look();
        })"""
    )


def milliseconds_to_paint(page: Page) -> float:
    taken: float = page.evaluate(
        """() => new Promise((done) => {
          const start = performance.now();
          requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
        })"""
    )
    return taken


def test_half_characters_break_nothing(project: Project, open_screen: OpenScreen) -> None:
    """Lone surrogates and zero bytes in a prompt: the trace is there, and its page stands."""
    text = "half \ud83d of a character, \udc00 and \x00 nothing"
    send(project, [SentSpan(name="halves", trace_id=HALVES, attributes={"input.value": text})])
    with guarded(open_screen, project.server.url) as shown:
        page = shown.open(f'/traces?project={project.name}&filter=["name:eq:halves"]')
        page.get_by_role("row").filter(has_text="halves").dblclick()
        page.wait_for_url("**/traces/*")
        expect(page.get_by_role("region", name="Chosen span")).to_contain_text("nothing")
