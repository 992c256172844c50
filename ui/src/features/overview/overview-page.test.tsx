import { screen, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import type { Board } from "@/api/boards";
import type { IncidentRow } from "@/api/incidents";
import type { Question } from "@/api/signals";
import { createFakeBoard, createFakeChart, createFakeTile } from "@/test/fakes/boards";
import { createFakeIncidentRow } from "@/test/fakes/incidents";
import { createFakeAnswer, createFakeAnswers, createFakeSignal } from "@/test/fakes/signals";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { OverviewPage } from "./overview-page";

const FRESH = {
  watermark: "2026-11-20T09:00:00Z",
  now: "2026-11-20T09:00:10Z",
  lag_seconds: 0,
  pending_records: 0,
  completeness: 1,
};

interface World {
  boards?: Board[];
  lastReceivedAt?: string | null;
  incidents?: IncidentRow[];
  answer?: (question: Question) => object;
}

/** A server that answers everything an overview asks; returns the batches of questions it got. */
function serve({
  boards = [createFakeBoard()],
  lastReceivedAt = "2026-11-20T09:00:00Z",
  incidents = [],
  answer,
}: World = {}) {
  const batches: Question[][] = [];
  server.use(
    http.get("*/api/v1/freshness", () => HttpResponse.json({ ...FRESH, last_received_at: lastReceivedAt })),
    http.get("*/api/v1/boards", () => HttpResponse.json({ boards })),
    http.get("*/api/v1/signals", () => HttpResponse.json({ signals: [createFakeSignal()] })),
    http.get("*/api/v1/session", () =>
      HttpResponse.json({ is_authenticated: false, is_anonymous: true, principal: null, needs_key: false }),
    ),
    http.get("*/api/v1/status", () =>
      HttpResponse.json({ addresses: { http: "http://127.0.0.1:8400", otlp_http: "http://127.0.0.1:9318" } }),
    ),
    http.get("*/api/v1/errors", () => HttpResponse.json({ errors: [], total: 0, since: "", until: "" })),
    http.get("*/api/v1/traces", () => HttpResponse.json({ level: "trace", traces: [], next_cursor: null })),
    http.get("*/api/v1/incidents", () =>
      HttpResponse.json({ incidents, counts: { open: 0, acknowledged: 0, resolved: 0 }, next_cursor: null }),
    ),
    http.get("*/api/v1/changes", () => HttpResponse.json({ changes: [], since: "", until: "" })),
    http.post("*/api/v1/signals/query", async ({ request }) => {
      const { queries } = (await request.json()) as { queries: Question[] };
      batches.push(queries);
      return HttpResponse.json(createFakeAnswers(queries, answer ?? (() => createFakeAnswer())));
    }),
  );
  return batches;
}

describe("the overview", () => {
  it("shows value, change, sample count and band of a tile", async () => {
    serve({
      answer: ({ until, step }) =>
        createFakeAnswer({
          values: [until && !step ? 100 : 150],
          series: [{ labels: {}, values: [until && !step ? 100 : 150], counts: [120], bands: ["critical"] }],
        }),
    });
    await renderPiece(<OverviewPage />, { path: "/?range=1h" });
    const tile = await screen.findByRole("link", { name: /Requests.*150/ });
    expect(tile).toHaveTextContent("Critical");
    expect(tile).toHaveTextContent("+50%");
    expect(tile).toHaveTextContent("n 120");
    expect(tile).toHaveAttribute("href", "/signals/requests.count?range=1h");
  });

  it("asks for all tiles in one request, keeping to the page's environment", async () => {
    const tiles = Array.from({ length: 12 }, (_, index) =>
      createFakeTile({ signal: `signal.${index}`, where: "a = 1" }),
    );
    const batches = serve({ boards: [createFakeBoard({ tiles })] });
    await renderPiece(<OverviewPage />, { path: "/?range=1h&env=prod" });
    await screen.findAllByText("n 120");
    const batch = batches.find((questions) => questions.some(({ name }) => name === "signal.0"));
    expect(batch).toHaveLength(36);
    expect(batch?.[0]?.where).toBe("environment = 'prod' and (a = 1)");
  });

  it("says no data where there is none, never zero, and why when somebody asks", async () => {
    serve({ answer: () => createFakeAnswer({ series: [] }) });
    server.use(
      http.get("*/api/v1/signals/explain", () =>
        HttpResponse.json({
          name: "requests.count",
          statements: [],
          no_data: {
            reason: "nothing_received",
            text: { en: "Nothing was received yet.", ko: "" },
            last_seen_at: null,
            needs: [],
          },
        }),
      ),
    );
    await renderPiece(<OverviewPage />, { path: "/" });
    const tile = await screen.findByRole("link", { name: /Requests.*No data/ });
    expect(tile).toHaveTextContent("–");
    expect(tile).not.toHaveTextContent("0");
    await userEvent.hover(tile);
    expect(await screen.findByText("Nothing was received yet.")).toBeVisible();
  });

  it("shows on a tile that its signal is gone, and the other tiles all the same", async () => {
    const gone = { code: "signal.unknown", detail: "There is no signal gone.", hint: null };
    serve({
      boards: [
        createFakeBoard({
          tiles: [createFakeTile({ signal: "gone" }), createFakeTile()],
          problems: [{ where: "tiles.0", text: { en: "Tile 1: There is no signal gone.", ko: "" } }],
        }),
      ],
      answer: ({ name }) => (name === "gone" ? { error: gone } : createFakeAnswer()),
    });
    await renderPiece(<OverviewPage />, { path: "/" });
    expect(await screen.findByText("Tile 1: There is no signal gone.")).toBeVisible();
    expect(await screen.findByRole("link", { name: /Requests.*42/ })).toBeVisible();
  });

  it("draws shares as bars with percentages", async () => {
    const charts = [createFakeChart({ kind: "share", by: ["service"] })];
    const parts = [1, 3].map((size) => ({
      labels: { service: `s${size}` },
      values: [size],
      counts: [size],
      bands: ["normal" as const],
    }));
    serve({ boards: [createFakeBoard({ charts })], answer: () => createFakeAnswer({ series: parts }) });
    await renderPiece(<OverviewPage />, { path: "/" });
    const table = await screen.findByRole("table", { name: "Requests over time" });
    expect(within(table).getAllByRole("row")[0]).toHaveTextContent(/s3.*75%/);
  });

  it("keeps the tiles when the server refuses an answer of the rail", async () => {
    serve();
    server.use(http.get("*/api/v1/errors", () => HttpResponse.json({ detail: "No." }, { status: 500 })));
    await renderPiece(<OverviewPage />, { path: "/" });
    expect(await screen.findByRole("link", { name: /Requests.*42/ })).toBeVisible();
    expect(await screen.findByText("No.")).toBeVisible();
  });

  it("leads to open incidents from the top of the rail, the worst first", async () => {
    const mild = createFakeIncidentRow({ id: "i2", number: 13, severity: "warning", alert_count: 3 });
    serve({ incidents: [mild, createFakeIncidentRow()] });
    await renderPiece(<OverviewPage />, { path: "/?range=1h" });
    const panel = (await screen.findByRole("heading", { name: "Open incidents" })).closest("section");
    const links = await within(panel as HTMLElement).findAllByRole("link");
    expect(links[0]).toHaveAttribute("href", "/incidents/i1?range=1h");
    expect(links[0]).toHaveTextContent(/Critical.*#12 · 1 alert/);
    expect(links[1]).toHaveTextContent(/#13 · 3 alerts/);
  });

  it("explains a board that is not there, and leads to one that is", async () => {
    serve();
    const { router } = await renderPiece(<OverviewPage />, { path: "/?board=nope&range=24h" });
    expect(await screen.findByText("There is no board “nope”")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Show the first board" }));
    expect(router.state.location.search).toMatchObject({ board: "real_time", range: "24h" });
  });

  it("explains a range in the future", async () => {
    serve();
    await renderPiece(<OverviewPage />, { path: "/?since=2099-01-01T00:00:00Z&until=2099-01-02T00:00:00Z" });
    expect(await screen.findByText("This range has not happened yet")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Show the last hour" }));
    expect(await screen.findByRole("link", { name: /Requests.*42/ })).toBeVisible();
  });

  it("shows a newcomer the lines that send a first trace, with this server's addresses", async () => {
    serve({ lastReceivedAt: null });
    await renderPiece(<OverviewPage />, { path: "/", language: "ko" });
    expect(await screen.findByText(/endpoint="http:\/\/127.0.0.1:9318"/)).toBeVisible();
    expect(screen.getByText(/첫 트레이스를 기다리는 중입니다/)).toBeVisible();
    await userEvent.click(screen.getByRole("tab", { name: "OpenTelemetry" }));
    expect(screen.getByText(/OTEL_EXPORTER_OTLP_ENDPOINT=http:\/\/127.0.0.1:9318/)).toBeVisible();
  });
});
