import { screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { ShortcutProvider } from "@/lib/shortcuts";
import { createFakeIncident, createFakeIncidentRow } from "@/test/fakes/incidents";
import { createFakeAnswer, createFakeAnswers, createFakeSignal } from "@/test/fakes/signals";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { IncidentPage } from "./incident-page";
import { IncidentsPage } from "./incidents-page";

beforeAll(() => {
  // jsdom has no canvas: charts are left out.
  HTMLCanvasElement.prototype.getContext = undefined as never;
});

const COUNTS = { open: 1, acknowledged: 1, resolved: 3 };

function serveList(incidents = [createFakeIncidentRow()]) {
  const asked: string[][] = [];
  server.use(
    http.get("*/api/v1/incidents", ({ request }) => {
      asked.push(new URL(request.url).searchParams.getAll("state"));
      return HttpResponse.json({ incidents, counts: COUNTS, next_cursor: null });
    }),
  );
  return asked;
}

describe("the list of incidents", () => {
  it("shows those that are not over, the ones that wait for somebody first", async () => {
    const asked = serveList([
      createFakeIncidentRow({ id: "i2", number: 13, state: "acknowledged", assignee: "ada" }),
      createFakeIncidentRow(),
    ]);
    await renderPiece(<IncidentsPage />, { path: "/incidents?range=24h" });
    const link = await screen.findByRole("link", { name: /#12 Too many requests fail/ });
    expect(link).toHaveAttribute("href", "/incidents/i1?range=24h");
    expect(asked).toEqual([["open", "acknowledged"]]);
    const [, first, second] = screen.getAllByRole("row");
    expect(first).toHaveTextContent(/Critical.*#12.*Open/);
    expect(second).toHaveTextContent(/#13.*ada.*Acknowledged/);
  });

  it("filters by state, and keeps that in the address", async () => {
    const asked = serveList();
    const { router } = await renderPiece(<IncidentsPage />, { path: "/incidents" });
    await userEvent.click(await screen.findByRole("button", { name: "Resolved 3" }));
    await waitFor(() => expect(asked.at(-1)).toEqual(["resolved"]));
    expect(router.state.location.search).toMatchObject({ state: "resolved" });
  });

  it("says that nothing is open, and leads to what was", async () => {
    serveList([]);
    await renderPiece(<IncidentsPage />, { path: "/incidents", language: "ko" });
    expect(await screen.findByText("진행 중인 장애가 없습니다")).toBeVisible();
    expect(screen.getByRole("button", { name: "모든 장애 보기" })).toBeVisible();
  });

  it("opens the row at hand with the keyboard", async () => {
    serveList();
    const { router } = await renderPiece(
      <ShortcutProvider>
        <IncidentsPage />
      </ShortcutProvider>,
      { path: "/incidents" },
    );
    await screen.findByRole("link", { name: /#12/ });
    await userEvent.keyboard("jo");
    await waitFor(() => expect(router.state.location.pathname).toBe("/incidents/i1"));
  });
});

function serveOne(incident = createFakeIncident()) {
  const done: { path: string; body: unknown }[] = [];
  server.use(
    http.get("*/api/v1/incidents/:id", () => HttpResponse.json(incident)),
    http.get("*/api/v1/session", () =>
      HttpResponse.json({ is_authenticated: false, is_anonymous: true, principal: null, needs_key: false }),
    ),
    http.get("*/api/v1/signals", () =>
      HttpResponse.json({ signals: [createFakeSignal({ name: "requests.error_rate" })] }),
    ),
    http.post("*/api/v1/signals/query", async ({ request }) => {
      const { queries } = (await request.json()) as { queries: never[] };
      return HttpResponse.json(createFakeAnswers(queries, () => createFakeAnswer()));
    }),
    http.post("*/api/v1/incidents/:id/:action", async ({ request, params }) => {
      const text = await request.text();
      done.push({ path: String(params.action), body: text ? JSON.parse(text) : null });
      return HttpResponse.json(incident);
    }),
  );
  return done;
}

const shown = (
  <ShortcutProvider>
    <IncidentPage incidentId="i1" />
  </ShortcutProvider>
);

describe("an incident", () => {
  it("says what explains it, with numbers, bars and example traces", async () => {
    serveOne();
    await renderPiece(shown, { path: "/incidents/i1" });
    expect(await screen.findByText("Model qwen2.5:7b explains 82 % of the rise.")).toBeVisible();
    const parts = screen.getByRole("list", { name: "Parts that changed most" });
    expect(parts).toHaveTextContent(/Model qwen2.5:7b82%1% → 60%130 observations/);
    expect(within(parts).getByRole("link", { name: "01234567" })).toHaveAttribute(
      "href",
      "/traces/0123456789abcdef0123456789abcdef",
    );
    const traces = within(parts).getByRole("link", { name: /qwen/ }).getAttribute("href") ?? "";
    expect(new URL(traces, "http://x").searchParams.get("filter")).toBe(
      JSON.stringify(["service:eq:voc-chat", "model:eq:qwen2.5:7b"]),
    );
  });

  it("says that no explanation is there yet", async () => {
    serveOne(createFakeIncident({ explanation: null }));
    await renderPiece(shown, { path: "/incidents/i1" });
    expect(await screen.findByText("No explanation has been computed yet.")).toBeVisible();
  });

  it("is acknowledged, assigned, commented and resolved", async () => {
    const done = serveOne();
    await renderPiece(shown, { path: "/incidents/i1" });
    await userEvent.click(await screen.findByRole("button", { name: "Acknowledge" }));
    await userEvent.click(screen.getByRole("button", { name: "Assign" }));
    await userEvent.type(await screen.findByLabelText("Name; empty for nobody"), "ada{Enter}");
    await waitFor(() => expect(done).toHaveLength(2));
    await userEvent.type(screen.getByLabelText("Comment"), "Rolled back.");
    await userEvent.click(screen.getByRole("button", { name: "Comment" }));
    await waitFor(() => expect(screen.getByLabelText("Comment")).toHaveValue(""));
    await userEvent.click(screen.getByRole("button", { name: "Resolve" }));
    await userEvent.type(await screen.findByLabelText("What it was, if you know"), "bad model{Enter}");
    await waitFor(() =>
      expect(done).toEqual([
        { path: "acknowledge", body: null },
        { path: "assign", body: { to: "ada" } },
        { path: "comment", body: { text: "Rolled back." } },
        { path: "resolve", body: { note: "bad model" } },
      ]),
    );
  });

  it("is acknowledged and reopened with keys", async () => {
    const done = serveOne(createFakeIncident({ state: "resolved", resolved_at: "2026-11-28T10:00:00Z" }));
    await renderPiece(shown, { path: "/incidents/i1" });
    await screen.findByRole("button", { name: "Reopen" });
    await userEvent.keyboard("ar");
    await waitFor(() => expect(done).toEqual([{ path: "reopen", body: null }]));
  });

  it("shows what the server says against an action", async () => {
    serveOne();
    server.use(
      http.post("*/api/v1/incidents/:id/acknowledge", () =>
        HttpResponse.json({ detail: "It is over.", code: "incident.over" }, { status: 409 }),
      ),
    );
    await renderPiece(shown, { path: "/incidents/i1" });
    await userEvent.click(await screen.findByRole("button", { name: "Acknowledge" }));
    expect(await screen.findByText("It is over.")).toBeVisible();
  });

  it("shows foreign text as text", async () => {
    const hostile = "<img src=x onerror=alert(1)>\u001b[31m";
    const [entry] = createFakeIncident().timeline;
    serveOne(
      createFakeIncident({
        labels: { service: hostile },
        timeline: entry
          ? [{ ...entry, kind: "commented", by: hostile, text: { en: hostile, ko: hostile } }]
          : [],
      }),
    );
    const { container } = await renderPiece(shown, { path: "/incidents/i1" });
    expect((await screen.findAllByText(/<img src=x onerror=alert\(1\)>\\x1b\[31m/)).length).toBeGreaterThan(
      1,
    );
    expect(container.querySelector("img")).toBeNull();
  });

  it("explains an id that nothing has, and leads to all", async () => {
    server.use(
      http.get("*/api/v1/incidents/:id", () => HttpResponse.json({ detail: "No." }, { status: 404 })),
    );
    await renderPiece(shown, { path: "/incidents/i1" });
    expect(await screen.findByRole("heading", { name: "There is no such incident", level: 2 })).toBeVisible();
    expect(screen.getByRole("link", { name: "All incidents" })).toHaveAttribute("href", "/incidents");
  });
});
