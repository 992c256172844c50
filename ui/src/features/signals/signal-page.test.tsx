import { configure, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { vi } from "vitest";
import { createFakeAnswer, createFakeSeries, createFakeSignal } from "@/test/fakes/failing-signal";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { SignalNamed } from "./signal-page";

const NAME = "llm.failure_rate";
const signals = [
  createFakeSignal(),
  createFakeSignal({ name: "requests.count", unit: "requests", value: "count()", bands: noBands() }),
  createFakeSignal({ name: "cost.usd_per_request", over: null, value: `${NAME} / requests.count` }),
];
const exemplar = {
  trace_id: "413d5b5a32814625e2b1a4946ef4516d",
  span_id: "185b707bef454fe8",
  at: "2026-11-28T10:00:13Z",
  value: null,
  name: "chat \u001b[31mred",
  service: "voc-chat",
  model: "qwen2.5:7b",
  status: "error",
  duration_ms: 3.7,
};

interface Asked {
  name: string;
  since: string;
  step?: string;
  by?: string[];
  where?: string;
}
let asked: Asked[] = [];
let exemplarsAsked: URLSearchParams[] = [];

function noBands() {
  return { normal: null, warning: null, critical: null, min_count: 1 };
}

function answerOf({ name, step, by = [], since }: Asked) {
  const models = by.length ? ["a", "b"] : [null];
  const isBefore = since.startsWith("now-2") || since.startsWith("now-7");
  return createFakeAnswer({
    name,
    by,
    ...(step ? {} : { starts: ["2026-11-28T10:00:00Z"], complete: [true] }),
    series: models.map((model) =>
      createFakeSeries({
        labels: model ? { model } : {},
        values: step ? [0.15, null] : [isBefore ? 0.1 : 0.15],
        counts: step ? [40, 0] : [40],
        bands: step ? ["critical", "no_data"] : ["critical"],
      }),
    ),
  });
}

// The machine that tests is busy with others.
configure({ asyncUtilTimeout: 8000 });

beforeAll(() => {
  // jsdom draws nothing; without a context the chart stays a frame that keys still move through.
  HTMLCanvasElement.prototype.getContext = undefined as never;
  // Nor does it lay out: a table that shows what is in sight needs a height.
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(420);
});

beforeEach(() => {
  asked = [];
  exemplarsAsked = [];
  server.use(
    http.get("*/api/v1/signals", () => HttpResponse.json({ signals })),
    http.get("*/api/v1/changes", () => HttpResponse.json({ changes: [], since: "", until: "" })),
    http.get("*/api/v1/signals/exemplars", ({ request }) => {
      exemplarsAsked.push(new URL(request.url).searchParams);
      return HttpResponse.json({ name: NAME, order: "failed", exemplars: [exemplar] });
    }),
    http.post("*/api/v1/signals/query", async ({ request }) => {
      const { queries } = (await request.json()) as { queries: Asked[] };
      asked.push(...queries);
      return HttpResponse.json({ results: queries.map(answerOf) });
    }),
  );
});

const show = (path = "/", language: "en" | "ko" = "en", name = NAME) =>
  renderPiece(<SignalNamed name={name} />, { path, language });

afterAll(() => vi.restoreAllMocks());

describe("explorer", () => {
  it("sums up the range: value, band, change against the previous period, samples", async () => {
    await show();
    const summary = await screen.findByRole("region", { name: "Over the range" });
    await waitFor(() => expect(summary).toHaveTextContent("15%"));
    expect(summary).toHaveTextContent("Critical");
    expect(summary).toHaveTextContent("+50%");
    expect(summary).toHaveTextContent("previous period 10%");
    expect(summary).toHaveTextContent("40 samples");
  });

  it("splits by a label and draws only the series that are chosen", async () => {
    const { router } = await show();
    await userEvent.click(await screen.findByRole("checkbox", { name: "model" }));
    const list = await screen.findByRole("table", { name: "Series" });
    expect(within(list).getAllByRole("checkbox")).toHaveLength(2);
    await userEvent.click(within(list).getByRole("checkbox", { name: "a" }));
    await waitFor(() => expect(screen.getByText("1 drawn, 1 other hidden.")).toBeVisible());
    expect(router.state.location.search).toMatchObject({ by: ["model"], series: ["model:b"] });
  });

  it("asks for the period before only when it is compared", async () => {
    await show();
    await screen.findByText("Critical");
    expect(asked.filter(({ step, since }) => step && since.startsWith("now-7"))).toEqual([]);
    await userEvent.click(screen.getByRole("switch", { name: "Previous period" }));
    await waitFor(() =>
      expect(asked.filter(({ step, since }) => step && since.startsWith("now-7"))).toHaveLength(1),
    );
  });

  it("shows the server's word on a condition at its input", async () => {
    const error = {
      code: "signal.expression_invalid",
      detail: "spans have no column 'foo'.",
      hint: "Known are model.",
    };
    server.use(
      http.post("*/api/v1/signals/query", async ({ request }) => {
        const { queries } = (await request.json()) as { queries: Asked[] };
        const results = queries.map((question) =>
          question.where ? { name: question.name, error } : answerOf(question),
        );
        return HttpResponse.json({ results });
      }),
    );
    const { router } = await show();
    const input = await screen.findByRole("textbox", { name: "Condition on the records" });
    await userEvent.type(input, "foo = 1{Enter}");
    await waitFor(() => expect(input).toHaveAccessibleDescription(/no column 'foo'.*Known are model/));
    await userEvent.click(screen.getAllByRole("button", { name: "Remove the condition" })[0] as HTMLElement);
    await waitFor(() => expect(input).not.toHaveAccessibleDescription());
    expect(router.state.location.search).not.toHaveProperty("where");
  });

  it("leads from a window to the traces behind it by keyboard", async () => {
    const { router } = await show("/?by=model&env=prod");
    const chart = await screen.findByRole("group", { name: /Title of llm\.failure_rate/ });
    chart.focus();
    await userEvent.keyboard("{Home}{Enter}");
    await waitFor(() => expect(router.state.location.search).toMatchObject({ at: "2026-11-28T10:00:00Z" }));
    await waitFor(() => expect(exemplarsAsked.at(-1)?.get("until")).toBe("2026-11-28T10:01:00.000Z"));
    expect(exemplarsAsked.at(-1)?.get("where")).toBe("environment = 'prod'");
    const panel = screen.getByRole("region", { name: "Traces behind it" });
    const rows = within(panel).getAllByRole("row");
    expect(within(rows[1] as HTMLElement).getByRole("link")).toHaveAttribute(
      "href",
      `/traces/${exemplar.trace_id}?env=prod&span=${exemplar.span_id}`,
    );
    expect(panel).toHaveTextContent("chat \\x1b[31mred");
    const link = new URL(
      (within(panel).getByRole("link", { name: /All in the list/ }) as HTMLAnchorElement).href,
    );
    expect(JSON.parse(link.searchParams.get("filter") ?? "")).toEqual(["kind:eq:llm", "status:eq:error"]);
    expect(link.searchParams.get("since")).toBe("2026-11-28T10:00:00Z");
  });

  it("asks for the traces of one series", async () => {
    await show(`/?by=model&of=${encodeURIComponent("model:b")}`);
    await waitFor(() => expect(exemplarsAsked.at(-1)?.getAll("label")).toEqual(["model:b"]));
  });

  it("lists the values, no data as no data", async () => {
    await show("/?view=table");
    const table = await screen.findByRole("table", { name: "Values" });
    await waitFor(() => expect(within(table).getAllByRole("row")).toHaveLength(3));
    const [, newest, oldest] = within(table).getAllByRole("row");
    expect(newest).toHaveTextContent("–");
    expect(newest).toHaveTextContent("not yet");
    expect(oldest).toHaveTextContent("15%");
  });

  it("explains why there is nothing, and what is missing", async () => {
    server.use(
      http.post("*/api/v1/signals/query", async ({ request }) => {
        const { queries } = (await request.json()) as { queries: Asked[] };
        const empty = createFakeSeries({
          values: [null, null],
          counts: [0, 0],
          bands: ["no_data", "no_data"],
        });
        return HttpResponse.json({ results: queries.map((q) => ({ ...answerOf(q), series: [empty] })) });
      }),
      http.get("*/api/v1/signals/explain", () =>
        HttpResponse.json({
          name: NAME,
          statements: [],
          no_data: {
            reason: "none_in_range",
            text: { en: "No spans in this range.", ko: "이 범위에 스팬이 없습니다." },
            last_seen_at: "2026-11-27T10:00:00Z",
            needs: [{ what: { en: "spans", ko: "스팬" }, seen: false }],
          },
        }),
      ),
    );
    const { router } = await show("/", "ko");
    expect(await screen.findByText("이 범위에 스팬이 없습니다.")).toBeVisible();
    expect(screen.getByRole("list", { name: "값에 필요한 것" })).toHaveTextContent("스팬없음");
    await userEvent.click(screen.getByRole("button", { name: /마지막으로 있던 때로 가기/ }));
    expect(router.state.location.search).toMatchObject({ since: "2026-11-27T09:30:00.000Z" });
  });

  it("shows the statements when somebody looks", async () => {
    server.use(
      http.get("*/api/v1/signals/explain", () =>
        HttpResponse.json({
          name: NAME,
          statements: [{ sql: "SELECT 1", tables: ["spans"] }],
          no_data: null,
        }),
      ),
    );
    await show();
    const panel = await screen.findByRole("region", { name: "SQL" });
    await userEvent.click(within(panel).getByRole("button", { name: "Show" }));
    expect(await within(panel).findByText("SELECT 1")).toBeVisible();
    expect(within(panel).getByRole("button", { name: "Copy SQL" })).toBeVisible();
  });

  it("links the operands of a formula", async () => {
    await show("/", "en", "cost.usd_per_request");
    const panel = await screen.findByRole("region", { name: "Definition" });
    const links = within(panel).getAllByRole("link");
    expect(links.map((link) => link.textContent)).toEqual([NAME, "requests.count"]);
  });

  it("names the nearest signals when its own is gone", async () => {
    await show("/?env=prod", "en", "llm.failure_ratio");
    expect(await screen.findByRole("heading", { level: 2, name: "There is no such signal" })).toBeVisible();
    const near = screen.getByRole("link", { name: `Title of ${NAME}` });
    expect(near).toHaveAttribute("href", `/signals/${NAME}?env=prod`);
    expect(screen.getByRole("link", { name: "Show all signals" })).toBeVisible();
  });
});
