import { configure, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { LiveProvider } from "@/lib/live";
import { ShortcutProvider } from "@/lib/shortcuts";
import {
  createFakeColumnList,
  createFakeHistogram,
  createFakePreview,
  createFakeTraceRow,
} from "@/test/fakes/traces";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { TracesPage } from "./traces-page";

type Rows = (url: URL) => ReturnType<typeof createFakeTraceRow>[] | Response;

/** A server with some rows; what was asked of it is in the list that comes back. */
function serve(rows: Rows, { spansTotal = 1000, total = 150 } = {}) {
  const asked: URL[] = [];
  const note = (request: Request) => {
    const url = new URL(request.url);
    asked.push(url);
    return url;
  };
  server.use(
    http.get("*/api/v1/traces", ({ request }) => {
      const found = rows(note(request));
      if (found instanceof Response) return found as never;
      return HttpResponse.json({ level: "trace", traces: found, next_cursor: null });
    }),
    http.get("*/api/v1/traces/columns", () => HttpResponse.json(createFakeColumnList())),
    http.get("*/api/v1/traces/histogram", ({ request }) => {
      note(request);
      return HttpResponse.json(createFakeHistogram({ total }));
    }),
    http.get("*/api/v1/traces/facets", ({ request }) => {
      const columns = note(request).searchParams.getAll("column");
      const values = [{ value: "qwen2.5:7b", count: 12 }];
      const facets = columns.map((column) => ({ column, values, other_count: 0, missing_count: 3 }));
      return HttpResponse.json({ since: "", until: "", sampled: false, facets });
    }),
    http.get("*/api/v1/views", () => HttpResponse.json({ views: [] })),
    http.get("*/api/v1/status", () =>
      HttpResponse.json({ spans_total: spansTotal, addresses: { otlp_http: "http://127.0.0.1:4318" } }),
    ),
    http.get("*/api/v1/traces/:id", ({ params }) =>
      HttpResponse.json(createFakePreview({ trace_id: String(params.id) })),
    ),
  );
  return asked;
}

async function show(path = "/traces", language: "en" | "ko" = "en") {
  return renderPiece(
    <ShortcutProvider>
      <LiveProvider>
        <TracesPage />
      </LiveProvider>
    </ShortcutProvider>,
    { path, language },
  );
}

/** A wide screen. */
const NO_MEDIA = { addEventListener: () => undefined, removeEventListener: () => undefined };

const filtersOf = (url: URL | undefined) => url?.searchParams.getAll("filter");
const lists = (asked: URL[]) => asked.filter(({ pathname }) => pathname.endsWith("/traces"));

// A page of this size takes its time where several test files share a core.
configure({ asyncUtilTimeout: 5000 });

describe("the list of traces", () => {
  beforeEach(() => {
    localStorage.clear();
    sessionStorage.clear();
    // jsdom lays nothing out; the list needs a height to know which rows are in sight.
    vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(600);
    vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(1200);
    vi.spyOn(window, "matchMedia").mockImplementation(
      (query) => ({ ...NO_MEDIA, matches: query.includes("min-width") }) as unknown as MediaQueryList,
    );
  });

  afterEach(() => vi.restoreAllMocks());

  it("shows how each trace ended as a word, and hostile text as text", async () => {
    serve(() => [
      createFakeTraceRow({ status: "error", error_class: "timeout", name: "first" }),
      createFakeTraceRow({ error_count: 2, name: "second" }),
      createFakeTraceRow({ input_preview: "<img src=x onerror=alert(1)> \u001b[31m" }),
    ]);
    const { container } = await show();
    const rows = within(await screen.findByRole("grid")).getAllByRole("row");
    expect(rows[1]).toHaveTextContent(/Failed.*timeout/);
    expect(rows[2]).toHaveTextContent("2 failed");
    expect(rows[3]).toHaveTextContent("<img src=x onerror=alert(1)> \\x1b[31m");
    expect(container.querySelector("img")).toBeNull();
    expect(await screen.findByText("150 traces")).toBeInTheDocument();
  });

  it("asks for the list first, and follows scope, filters, text and order of the URL", async () => {
    const asked = serve(() => [createFakeTraceRow()]);
    await show('/traces?env=prod&filter=["model:eq:a","duration_ms:gt:2000"]&q=refund&sort=cost&range=24h');
    await screen.findByText("150 traces");
    const [list] = asked;
    expect(list?.pathname).toBe("/api/v1/traces");
    expect(filtersOf(list)).toEqual(["environment:eq:prod", "model:eq:a", "duration_ms:gt:2000"]);
    expect(Object.fromEntries(list?.searchParams ?? [])).toMatchObject({
      q: "refund",
      sort: "cost",
      since: "now-24h",
    });
    expect(screen.getByRole("button", { name: "Change filter: duration > 2 s" })).toBeInTheDocument();
  });

  it("reads the filters as a sentence in Korean", async () => {
    serve(() => [createFakeTraceRow()]);
    await show('/traces?filter=["model:eq:qwen2.5:7b","duration_ms:gt:20000"]', "ko");
    expect(await screen.findByRole("button", { name: "필터 바꾸기: 모델이 qwen2.5:7b" })).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "필터 바꾸기: 소요 시간이 20 s 초과" })).toBeInTheDocument();
  });

  it("takes filters as people type them", async () => {
    const asked = serve(() => [createFakeTraceRow()]);
    const { router } = await show();
    await screen.findByRole("grid");
    await userEvent.keyboard("/");
    await userEvent.keyboard("model:qwen error latency>20s{Enter}");
    await waitFor(() =>
      expect(filtersOf(lists(asked).at(-1))).toEqual([
        "model:contains:qwen",
        "status:eq:error",
        "duration_ms:gt:20000",
      ]),
    );
    expect(router.state.location.search).toMatchObject({
      filter: ["model:contains:qwen", "status:eq:error", "duration_ms:gt:20000"],
    });
    expect(screen.getByRole("button", { name: "Failed" })).toHaveAttribute("aria-pressed", "true");
    await userEvent.keyboard("{Backspace}{Backspace}");
    await waitFor(() => expect(filtersOf(lists(asked).at(-1))).toHaveLength(2));
  });

  it("keeps the other filters when the server refuses one, and says why at its chip", async () => {
    const refusal = {
      code: "traces.unknown_column",
      detail: "Spans have no column 'modle' to filter by.",
      hint: "Nearest: model.",
      details: { column: "modle" },
    };
    const asked = serve((url) =>
      filtersOf(url)?.some((text) => text.startsWith("modle"))
        ? HttpResponse.json(refusal, { status: 422 })
        : [createFakeTraceRow({ name: "still here" })],
    );
    await show('/traces?filter=["modle:eq:x","status:eq:error"]');
    expect(await screen.findByText("still here")).toBeInTheDocument();
    expect(filtersOf(lists(asked).at(-1))).toEqual(["status:eq:error"]);
    expect(await screen.findByRole("alert")).toHaveTextContent(/no column 'modle'.*Nearest: model/);
    const chips = screen.getAllByRole("button", { name: /Change filter/ });
    expect(chips.map((chip) => chip.getAttribute("aria-invalid"))).toEqual(["true", null]);
  });

  it("says without which condition there would be something", async () => {
    const asked = serve((url) =>
      filtersOf(url)?.length === 2 ? [] : [createFakeTraceRow({ name: "found" })],
    );
    await show('/traces?filter=["model:eq:a","service:eq:b"]');
    const row = (await screen.findByText("service is b", { selector: "li bdi" })).closest(
      "li",
    ) as HTMLElement;
    expect(await within(row).findByText("150 matches")).toBeInTheDocument();
    await userEvent.click(within(row).getByRole("button", { name: "Remove" }));
    expect(await screen.findByText("found")).toBeInTheDocument();
    expect(filtersOf(lists(asked).at(-1))).toEqual(["model:eq:a"]);
  });

  it("tells a range in the future and a store without data from a filter without hits", async () => {
    serve(() => [], { spansTotal: 0 });
    const first = await show();
    expect(await screen.findByText("No trace has arrived yet")).toBeInTheDocument();
    expect(screen.getByText(/OTEL_EXPORTER_OTLP_ENDPOINT=http:\/\/127.0.0.1:4318/)).toBeInTheDocument();
    first.unmount();
    await show("/traces?since=2999-01-01T00:00:00Z&until=2999-01-02T00:00:00Z");
    expect(await screen.findByText("This time range lies in the future")).toBeInTheDocument();
  });

  it("is worked with the keyboard: next, preview, close, open", async () => {
    const rows = [createFakeTraceRow(), createFakeTraceRow(), createFakeTraceRow()];
    serve(() => rows);
    const { router } = await show();
    const grid = await screen.findByRole("grid");
    await userEvent.keyboard("jjk");
    expect(within(grid).getByRole("row", { selected: true })).toHaveTextContent(
      rows[0]?.input_preview ?? "-",
    );
    await userEvent.keyboard("{Enter}");
    expect(await screen.findByText("upstream did not answer")).toBeInTheDocument();
    expect(router.state.location.search).toMatchObject({ preview: rows[0]?.trace_id });
    await userEvent.keyboard("j");
    await waitFor(() => expect(router.state.location.search).toMatchObject({ preview: rows[1]?.trace_id }));
    await userEvent.keyboard("{Escape}");
    await waitFor(() => expect(router.state.location.search).not.toHaveProperty("preview"));
    await userEvent.keyboard("o");
    await waitFor(() => expect(router.state.location.pathname).toBe(`/traces/${rows[1]?.trace_id}`));
    expect(JSON.parse(sessionStorage.getItem("pitwall.trace-order") ?? "")).toEqual(
      rows.map(({ trace_id }) => trace_id),
    );
  });

  it("opens a trace that was looked for at the span that was found", async () => {
    const row = createFakeTraceRow();
    serve(() => [row]);
    const { router } = await show("/traces?filter=status:eq:error");
    await screen.findByRole("grid");
    await userEvent.keyboard("jo");
    await waitFor(() => expect(router.state.location.pathname).toBe(`/traces/${row.trace_id}`));
    expect(router.state.location.search).toMatchObject({ span: row.matched_span_id });
  });

  it("keeps to a value of a column at a click, and leaves it out with Shift", async () => {
    const asked = serve(() => [createFakeTraceRow()]);
    await show();
    const section = await screen.findByRole("region", { name: "Model" });
    const value = within(section).getByRole("button", { name: /^qwen2.5:7b/ });
    await userEvent.click(value);
    await waitFor(() => expect(filtersOf(lists(asked).at(-1))).toEqual(["model:eq:qwen2.5:7b"]));
    const user = userEvent.setup();
    await user.keyboard("{Shift>}");
    await user.click(within(section).getByRole("button", { name: /^qwen2.5:7b/ }));
    await waitFor(() => expect(filtersOf(lists(asked).at(-1))).toEqual(["model:ne:qwen2.5:7b"]));
  });

  it("brings in what arrives at once, but never under a pointer", async () => {
    class FakeSource extends EventTarget {
      static current: FakeSource;
      constructor() {
        super();
        FakeSource.current = this;
      }
      close() {}
    }
    vi.stubGlobal("EventSource", FakeSource);
    const arrive = () =>
      FakeSource.current.dispatchEvent(new MessageEvent("traces", { data: '{"traces":[],"more":true}' }));
    const old = [createFakeTraceRow({ name: "old" })];
    let rows = old;
    serve(() => rows);
    // Rows of a page that has more behind it reach down to those that are shown.
    server.use(
      http.get("*/api/v1/traces", ({ request }) => {
        const isFirst = !new URL(request.url).searchParams.has("cursor");
        const page = { traces: isFirst ? rows : [], next_cursor: isFirst ? "more" : null };
        return HttpResponse.json({ level: "trace", ...page });
      }),
    );
    await show();
    await screen.findByText("old");
    const newer = (name: string, second: number) =>
      createFakeTraceRow({ name, matched_at: `2026-03-02T00:00:0${second}Z` });
    rows = [newer("at rest", 1), ...old];
    arrive();
    expect(await screen.findByText("at rest")).toBeInTheDocument();
    await userEvent.hover(screen.getByRole("grid"));
    rows = [newer("held", 2), ...rows];
    arrive();
    const pill = await screen.findByRole("button", { name: "1 new" }, { timeout: 9000 });
    expect(screen.queryByText("held")).toBeNull();
    await userEvent.click(pill);
    expect(await screen.findByText("held")).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "1 new" })).toBeNull();
    vi.stubGlobal("EventSource", undefined);
  });

  it("explains a lost server and asks again when told to", async () => {
    let isLost = true;
    serve(() => (isLost ? (HttpResponse.error() as never) : [createFakeTraceRow({ name: "back again" })]));
    await show();
    expect(await screen.findByText("The server does not answer")).toBeInTheDocument();
    isLost = false;
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("back again")).toBeInTheDocument();
  });

  it("saves what is shown under a name, and says when it was changed since", async () => {
    serve(() => [createFakeTraceRow()]);
    const views: { id: string; name: string; query: Record<string, string> }[] = [];
    server.use(
      http.get("*/api/v1/views", () => HttpResponse.json({ views })),
      http.post("*/api/v1/views", async ({ request }) => {
        const body = (await request.json()) as { name: string; query: Record<string, string> };
        views.push({ id: "v1", ...body });
        return HttpResponse.json(views[0], { status: 201 });
      }),
    );
    const { router } = await show('/traces?filter=["model:eq:a,b"]&sort=cost');
    await screen.findByRole("grid");
    await userEvent.click(screen.getByRole("button", { name: "Saved views" }));
    await userEvent.type(await screen.findByLabelText("Name for this view"), "Costly");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByRole("button", { name: "Costly" })).toBeInTheDocument();
    expect(views[0]?.query).toEqual({ filter: '["model:eq:a,b"]', sort: "cost" });
    expect(router.state.location.search).toMatchObject({ view: "v1" });
    await userEvent.click(screen.getByRole("button", { name: "Failed" }));
    expect(await screen.findByRole("button", { name: /Costly.*modified/ })).toBeInTheDocument();
  });
});
