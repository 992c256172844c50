import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import type { SpanAnswer, TraceAnswer } from "@/api/trace";
import { ShortcutProvider } from "@/lib/shortcuts";
import {
  createFakeSpan,
  createFakeTrace,
  createFakeTreeSpan,
  FAKE_TRACE_ID,
  fakeSpanId,
} from "@/test/fakes/trace";
import { pretendLayout } from "@/test/layout";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { TracePage } from "./trace-page";

const [ROOT, SEARCH, ASK] = [fakeSpanId(1), fakeSpanId(2), fakeSpanId(3)];

const SPANS = [
  createFakeTreeSpan({ span_id: ROOT, name: "POST /chat", kind: "chain", child_count: 2, duration_ms: 500 }),
  createFakeTreeSpan({
    ...{
      span_id: SEARCH,
      name: "search",
      kind: "retriever",
      depth: 1,
      placement: "child",
      parent_span_id: ROOT,
    },
  }),
  createFakeTreeSpan({
    ...{ span_id: ASK, name: "chat qwen", kind: "llm", depth: 1, placement: "child", parent_span_id: ROOT },
    ...{ status: "error", error_class: "timeout", status_message: "timed out", model: "qwen2.5:7b" },
  }),
];

function serve(trace: TraceAnswer, spans: SpanAnswer[] = []): void {
  server.use(
    http.get("*/api/v1/traces/:trace", () => HttpResponse.json(trace)),
    http.get("*/api/v1/traces", () => HttpResponse.json({ level: "span", spans: [], next_cursor: null })),
    http.get("*/api/v1/traces/:trace/spans/:span", ({ params }) =>
      HttpResponse.json(spans.find(({ span_id }) => span_id === params.span) ?? createFakeSpan()),
    ),
  );
}

async function show(path = `/traces/${FAKE_TRACE_ID}`, id = FAKE_TRACE_ID) {
  const shown = await renderPiece(
    <ShortcutProvider>
      <TracePage traceId={id} />
    </ShortcutProvider>,
    { path },
  );
  return shown;
}

const rows = () => within(screen.getByRole("treegrid")).getAllByRole("row").slice(1);

describe("TracePage", () => {
  pretendLayout();

  it("shows the spans as a tree and the root beside it", async () => {
    serve(createFakeTrace({ spans: SPANS }), [createFakeSpan({ span_id: ROOT, input: "hello there" })]);
    await show();
    expect(await screen.findByRole("heading", { level: 1, name: "POST /chat" })).toBeInTheDocument();
    expect(rows().map((row) => row.getAttribute("aria-level"))).toEqual(["1", "2", "2"]);
    expect(rows()[0]).toHaveAttribute("aria-selected", "true");
    expect(await screen.findByText("hello there")).toBeInTheDocument();
    expect(screen.getByText("1 failed")).toBeInTheDocument();
  });

  it("goes through the tree by keyboard, and keeps the chosen span in the address", async () => {
    serve(
      createFakeTrace({ spans: SPANS }),
      SPANS.map((span) => createFakeSpan({ ...span })),
    );
    const { router } = await show();
    (await screen.findByRole("treegrid")).focus();
    await userEvent.keyboard("{ArrowDown}");
    expect(rows()[1]).toHaveAttribute("aria-selected", "true");
    await waitFor(() => expect(router.state.location.search).toMatchObject({ span: SEARCH }));
    await userEvent.keyboard("{ArrowLeft}{ArrowLeft}");
    expect(rows()).toHaveLength(1);
    expect(rows()[0]).toHaveAttribute("aria-expanded", "false");
    await userEvent.keyboard("{ArrowRight}{ArrowRight}");
    expect(rows()).toHaveLength(3);
    expect(rows()[1]).toHaveAttribute("aria-selected", "true");
    await userEvent.keyboard("{End}{Enter}");
    expect(screen.getByRole("region", { name: "Chosen span" })).toHaveFocus();
  });

  it("jumps to errors, even folded ones, and says why a span failed", async () => {
    const failed = createFakeSpan({
      ...{
        span_id: ASK,
        name: "chat qwen",
        status: "error",
        error_class: "timeout",
        status_message: "timed out",
      },
      events: [
        {
          at: "2026-01-01T00:00:00.050Z",
          name: "exception",
          attributes: { "exception.type": "ReadTimeout", "exception.stacktrace": "File llm.py, line 88" },
        },
      ],
    });
    serve(createFakeTrace({ spans: SPANS }), [createFakeSpan({ span_id: ROOT }), failed]);
    await show();
    (await screen.findByRole("treegrid")).focus();
    await userEvent.keyboard("{ArrowDown}{ArrowUp}{ArrowLeft}e");
    expect(rows()).toHaveLength(3);
    expect(rows()[2]).toHaveAttribute("aria-selected", "true");
    expect(await screen.findByText("timed out")).toBeInTheDocument();
    await userEvent.click(await screen.findByRole("button", { name: "Show the stack trace" }));
    expect(await screen.findByText(/line 88/)).toBeInTheDocument();
  });

  it("filters, keeps the filter in the address, and leads out of one without hits", async () => {
    serve(createFakeTrace({ spans: SPANS }), [createFakeSpan({ span_id: ROOT })]);
    const { router } = await show();
    await userEvent.click(await screen.findByRole("button", { name: "1 error" }));
    await waitFor(() => expect(rows()).toHaveLength(2));
    expect(router.state.location.search).toMatchObject({ errors: true });
    await userEvent.type(screen.getByRole("textbox", { name: "Find in this trace" }), "zebra");
    await userEvent.click(await screen.findByRole("button", { name: "Remove the filter" }));
    await waitFor(() => expect(rows()).toHaveLength(3));
  });

  it("finds spans by words deep in their texts, which the server knows", async () => {
    serve(createFakeTrace({ spans: SPANS }), [createFakeSpan({ span_id: ROOT })]);
    server.use(
      http.get("*/api/v1/traces", ({ request }) => {
        const query = new URL(request.url).searchParams;
        expect(query.getAll("filter")).toEqual([`trace_id:eq:${FAKE_TRACE_ID}`]);
        const spans = query.get("q") === "refund" ? [{ span_id: SEARCH }] : [];
        return HttpResponse.json({ level: "span", spans, next_cursor: null });
      }),
    );
    await show(`/traces/${FAKE_TRACE_ID}?find=refund`);
    await waitFor(() =>
      expect(rows().map((row) => row.textContent)).toEqual([
        expect.stringContaining("POST /chat"),
        expect.stringContaining("search"),
      ]),
    );
  });

  it("loads page after page", async () => {
    const [first, ...rest] = SPANS;
    server.use(
      http.get("*/api/v1/traces/:trace", ({ request }) => {
        const isSecond = new URL(request.url).searchParams.get("cursor") === "more";
        const whole = createFakeTrace({ spans: SPANS });
        return HttpResponse.json(
          isSecond ? { ...whole, spans: rest } : { ...whole, spans: [first], next_cursor: "more" },
        );
      }),
      http.get("*/api/v1/traces/:trace/spans/:span", () => HttpResponse.json(createFakeSpan())),
    );
    await show();
    await waitFor(() => expect(rows()).toHaveLength(3));
  });

  it("explains missing parents, copies and circles", async () => {
    const odd = [
      createFakeTreeSpan({ span_id: ROOT, name: "lost", depth: 1, placement: "orphan", copies: 3 }),
      createFakeTreeSpan({ span_id: ASK, name: "round", depth: 1, placement: "cycle" }),
    ];
    serve(
      createFakeTrace({
        ...{ spans: odd, root_span_id: null, missing_parent_ids: [fakeSpanId(9)], duplicate_count: 2 },
      }),
    );
    await show();
    expect(await screen.findByText(/root of this trace has not arrived/)).toBeInTheDocument();
    expect(screen.getByText(/2 spans were received more than once/)).toBeInTheDocument();
    expect(screen.getAllByText("no parent").length).toBeGreaterThan(0);
    expect(screen.getAllByText("×3").length).toBeGreaterThan(0);
    expect(screen.getAllByText("circle").length).toBeGreaterThan(0);
  });

  it("explains an id that nobody knows, and leads on", async () => {
    server.use(
      http.get("*/api/v1/traces/:trace", () =>
        HttpResponse.json({ code: "traces.not_found", detail: "no" }, { status: 404 }),
      ),
    );
    await show();
    expect(await screen.findByText("This trace is not here")).toBeInTheDocument();
    expect(screen.getByText(/older than what is kept/)).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "All traces" })).toHaveAttribute("href", "/traces");
  });

  it("does not ask for what is no id", async () => {
    await show("/traces/nope", "nope");
    expect(await screen.findByText("This is no trace id")).toBeInTheDocument();
  });

  it("offers the traces beside it when somebody came from a list", async () => {
    sessionStorage.setItem("pitwall.trace-order", JSON.stringify(["a".repeat(32), FAKE_TRACE_ID]));
    serve(createFakeTrace({ spans: SPANS }), [createFakeSpan({ span_id: ROOT })]);
    const { router } = await show();
    await screen.findByRole("treegrid");
    expect(screen.getByRole("button", { name: "Next trace of the list" })).toBeDisabled();
    await userEvent.keyboard(",");
    await waitFor(() => expect(router.state.location.pathname).toBe(`/traces/${"a".repeat(32)}`));
    sessionStorage.clear();
  });

  it("shows hostile names as text", async () => {
    const name = "<img src=x onerror=alert(1)>\u202eevil";
    serve(createFakeTrace({ spans: [createFakeTreeSpan({ name })], name }), [createFakeSpan({ name })]);
    const { container } = await show();
    const shown = "<img src=x onerror=alert(1)>\\u202eevil";
    expect(await screen.findByRole("heading", { level: 1, name: shown })).toBeInTheDocument();
    expect(container.querySelector("img")).toBeNull();
  });
});
