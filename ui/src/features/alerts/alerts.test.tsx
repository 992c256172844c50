import { screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { ShortcutProvider } from "@/lib/shortcuts";
import { createFakeAlert, NO_ALERTS } from "@/test/fakes/alerts";
import { createFakeAnswer, createFakeAnswers, createFakeSignal } from "@/test/fakes/signals";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { AlertPage } from "./alert-page";
import { AlertsPage } from "./alerts-page";

beforeAll(() => {
  // jsdom has no canvas: charts are left out.
  HTMLCanvasElement.prototype.getContext = undefined as never;
});

function serve(alerts = [createFakeAlert()]) {
  const asked: URLSearchParams[] = [];
  server.use(
    http.get("*/api/v1/alerts", ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json({
        alerts,
        counts: { ...NO_ALERTS, firing: 2, no_data: 1 },
        next_cursor: null,
      });
    }),
  );
  return asked;
}

const page = (
  <ShortcutProvider>
    <AlertsPage />
  </ShortcutProvider>
);

describe("the list of alerts", () => {
  it("shows value, limit, labels and the ways on of what people have to know of", async () => {
    const asked = serve();
    await renderPiece(page, { path: "/alerts?range=24h" });
    const link = await screen.findByRole("link", { name: "Too many requests fail" });
    expect(link).toHaveAttribute("href", "/alerts/a1?range=24h");
    expect(asked[0]?.getAll("state")).toEqual(["firing", "pending", "recovering", "no_data", "error"]);
    const row = screen.getAllByRole("row")[1] as HTMLElement;
    expect(row).toHaveTextContent(/Firing.*service voc-chat.*42%limit > 10%/);
    expect(within(row).getByRole("link", { name: "Incident" })).toHaveAttribute(
      "href",
      "/incidents/i1?range=24h",
    );
    const signal =
      within(row)
        .getByRole("link", { name: /^Signal/ })
        .getAttribute("href") ?? "";
    const search = new URL(signal, "http://x").searchParams;
    expect(search.get("where")).toBe("service = 'voc-chat'");
    expect(search.get("range")).toBeNull();
    expect(search.get("since")).not.toBeNull();
  });

  it("counts the states, and filters by one", async () => {
    const asked = serve();
    const { router } = await renderPiece(page, { path: "/alerts" });
    expect(await screen.findByRole("button", { name: "Current 3" })).toHaveAttribute("aria-pressed", "true");
    await userEvent.click(screen.getByRole("button", { name: "No data 1" }));
    await waitFor(() => expect(asked.at(-1)?.getAll("state")).toEqual(["no_data"]));
    expect(router.state.location.search).toMatchObject({ state: "no_data" });
  });

  it("says no value and since when where there is no data, never zero", async () => {
    serve([createFakeAlert({ state: "no_data", value: null, missing_since: "2026-11-28T09:00:00Z" })]);
    await renderPiece(page, { path: "/alerts" });
    const row = (await screen.findAllByRole("row"))[1] as HTMLElement;
    expect(row).toHaveTextContent(/No data.*–.*last data/);
    expect(row).not.toHaveTextContent(/(^|\D)0%/);
  });

  it("silences an alert with a duration and a reason", async () => {
    serve([createFakeAlert({ labels: { service: 'a"b' } })]);
    const sent = vi.fn();
    server.use(
      http.post("*/api/v1/notifications/silences", async ({ request }) => {
        sent(await request.json());
        return HttpResponse.json({}, { status: 201 });
      }),
    );
    await renderPiece(page, { path: "/alerts" });
    await userEvent.click(await screen.findByRole("button", { name: "Silence: Too many requests fail" }));
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).getByRole("button", { name: "Silence" })).toBeDisabled();
    await userEvent.type(within(dialog).getByRole("textbox", { name: "Reason" }), "Load test{Enter}");
    await waitFor(() =>
      expect(sent).toHaveBeenCalledWith({
        matchers: ['rule="requests.errors"', 'service="a\\"b"'],
        duration: "1h",
        reason: "Load test",
      }),
    );
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  it("says that nothing is wrong, and where what looks is listed", async () => {
    serve([]);
    await renderPiece(page, { path: "/alerts" });
    expect(await screen.findByText("Nothing is wrong that a rule watches")).toBeVisible();
    expect(screen.getByRole("link", { name: "Look at the rules" })).toHaveAttribute("href", "/alerts/rules");
  });

  it("says why it cannot show anything", async () => {
    server.use(
      http.get("*/api/v1/alerts", () => HttpResponse.json({ detail: "No.", hint: "Yes." }, { status: 500 })),
    );
    await renderPiece(page, { path: "/alerts?state=nonsense" });
    expect(await screen.findByText("No.")).toBeVisible();
    expect(screen.getByRole("button", { name: "Try again" })).toBeVisible();
  });
});

describe("an alert", () => {
  it("shows its facts, its quietness and what happened to it", async () => {
    server.use(
      http.get("*/api/v1/alerts/a1", () =>
        HttpResponse.json(
          createFakeAlert({
            runbook: "javascript:alert(1)",
            silenced_by: [{ id: "s1", reason: "Load test", until: "2026-11-28T11:00:00Z" }],
          }),
        ),
      ),
      http.get("*/api/v1/signals", () =>
        HttpResponse.json({ signals: [createFakeSignal({ name: "requests.error_rate" })] }),
      ),
      http.post("*/api/v1/signals/query", async ({ request }) => {
        const { queries } = (await request.json()) as { queries: { name: string; where: string }[] };
        expect(queries[0]).toMatchObject({ name: "requests.error_rate", where: "service = 'voc-chat'" });
        return HttpResponse.json(createFakeAnswers(queries, () => createFakeAnswer()));
      }),
    );
    await renderPiece(<AlertPage alertId="a1" />, { path: "/alerts/a1", language: "ko" });
    expect(await screen.findByRole("heading", { name: "요청 실패가 많음" })).toBeVisible();
    expect(screen.getByText(/음소거: Load test/)).toBeVisible();
    expect(screen.getByText("javascript:alert(1)")).not.toHaveAttribute("href");
    const history = screen.getByRole("table", { name: "이력" });
    expect(within(history).getAllByRole("row")[1]).toHaveTextContent(/발생.*심각.*42%/);
  });

  it("explains an id that nothing has", async () => {
    server.use(http.get("*/api/v1/alerts/a1", () => HttpResponse.json({ detail: "No." }, { status: 404 })));
    await renderPiece(<AlertPage alertId="a1" />, { path: "/alerts/a1" });
    expect(await screen.findByRole("heading", { name: "There is no such alert", level: 2 })).toBeVisible();
    expect(screen.getByRole("link", { name: "All alerts" })).toHaveAttribute("href", "/alerts");
  });
});
