import { screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import {
  createFakeChannel,
  createFakeDelivery,
  createFakeRouting,
  createFakeSilence,
  createFakeWays,
} from "@/test/fakes/notifications";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { NotificationsPage } from "./notifications-page";

function serveChannels(channels = [createFakeChannel()]) {
  server.use(http.get("*/api/v1/notifications/channels", () => HttpResponse.json({ channels })));
}

describe("channels", () => {
  it("show how they do, and what became of a test", async () => {
    const condition = {
      ...createFakeChannel().condition,
      status: "down" as const,
      failures: 3,
      error: "HTTP 500",
    };
    serveChannels([createFakeChannel({ condition })]);
    server.use(
      http.post("*/api/v1/notifications/channels/ops/test", () =>
        HttpResponse.json(createFakeDelivery({ state: "failed", error: "HTTP 403: no_service" })),
      ),
    );
    await renderPiece(<NotificationsPage />, { path: "/notifications" });
    const row = (await screen.findAllByRole("row"))[1] as HTMLElement;
    expect(row).toHaveTextContent(/ops.*Webhook.*Down.*3 failures in a row.*HTTP 500/);
    await userEvent.click(screen.getByRole("button", { name: "Send test through ops" }));
    expect(await within(row).findByRole("alert")).toHaveTextContent("HTTP 403: no_service");
  });

  it("keep the address and secret that are stored unless new ones are given", async () => {
    serveChannels();
    const saved = vi.fn();
    server.use(
      http.put("*/api/v1/notifications/channels/ops", async ({ request }) => {
        saved(await request.json());
        return HttpResponse.json(createFakeChannel());
      }),
    );
    await renderPiece(<NotificationsPage />, { path: "/notifications" });
    await userEvent.click(await screen.findByRole("button", { name: "Change ops" }));
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).getByLabelText("Address")).toHaveValue("");
    expect(within(dialog).getByLabelText("Address")).toHaveAttribute("type", "password");
    await userEvent.click(within(dialog).getByRole("switch", { name: "The channel is on" }));
    await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
    await waitFor(() =>
      expect(saved).toHaveBeenCalledWith(
        expect.objectContaining({ kind: "webhook", url: null, secret: null, is_enabled: false }),
      ),
    );
  });

  it("teach how the first one comes to be", async () => {
    serveChannels([]);
    await renderPiece(<NotificationsPage />, { path: "/notifications", language: "ko" });
    expect(await screen.findByText("아직 알림을 받는 곳이 없습니다")).toBeVisible();
  });
});

describe("routes", () => {
  const path = "/notifications?view=routes";

  it("are a tree in which a tried alert shows its way", async () => {
    const tried = vi.fn();
    server.use(
      http.get("*/api/v1/notifications/routes", () => HttpResponse.json(createFakeRouting())),
      http.post("*/api/v1/notifications/routes/test", async ({ request }) => {
        tried(await request.json());
        return HttpResponse.json(createFakeWays({ silenced_by: ["s1"] }));
      }),
    );
    await renderPiece(<NotificationsPage />, { path });
    const tree = await screen.findByRole("list", { name: "Where alerts go" });
    expect(tree).toHaveTextContent(/everything else→ ops.*severity="critical"→ pagerrepeats after 1h/);
    const labels = screen.getByLabelText("Labels");
    await userEvent.clear(labels);
    await userEvent.type(labels, "severity=critical, service=voc");
    await userEvent.click(screen.getByRole("button", { name: "Find out" }));
    expect(await screen.findByText("1 silence keeps it quiet")).toBeVisible();
    expect(tried).toHaveBeenCalledWith({ labels: { severity: "critical", service: "voc" } });
    expect(tree).toHaveTextContent(/pagerrepeats after 1hthe alert goes here/);
  });

  it("are saved as YAML with the revision; what is wrong is said at its line", async () => {
    const saved = vi.fn();
    server.use(
      http.get("*/api/v1/notifications/routes", () => HttpResponse.json(createFakeRouting())),
      http.get("*/api/v1/notifications/routes/yaml", () => HttpResponse.json({ yaml: "route: {}\n" })),
      http.put("*/api/v1/notifications/routes/yaml", async ({ request }) => {
        saved(await request.json());
        const problems = [{ line: 1, where: "route", message: "there is no channel x" }];
        return HttpResponse.json({ detail: "Line 1", code: "x", details: { problems } }, { status: 422 });
      }),
    );
    await renderPiece(<NotificationsPage />, { path });
    await userEvent.click(await screen.findByRole("button", { name: "Edit" }));
    await screen.findByRole("textbox", { name: "Routes as YAML" });
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("Line 1 there is no channel x");
    expect(saved).toHaveBeenCalledWith({ yaml: "route: {}\n", revision: "r1" });
  });
});

describe("silences", () => {
  it("are ended now, those in force first", async () => {
    const ended = vi.fn();
    server.use(
      http.get("*/api/v1/notifications/silences", () =>
        HttpResponse.json({
          silences: [createFakeSilence({ id: "s0", state: "ended", reason: "Old" }), createFakeSilence()],
        }),
      ),
      http.delete("*/api/v1/notifications/silences/s1", () => {
        ended();
        return HttpResponse.json(createFakeSilence({ state: "ended" }));
      }),
    );
    await renderPiece(<NotificationsPage />, { path: "/notifications?view=silences" });
    const [, first, second] = await screen.findAllByRole("row");
    expect(first).toHaveTextContent(/Active.*Load test.*service="voc-chat"/);
    expect(within(second as HTMLElement).queryByRole("button")).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "End now: Load test" }));
    await waitFor(() => expect(ended).toHaveBeenCalled());
  });
});

describe("maintenance windows", () => {
  it("are made for every week, by the clocks of a place", async () => {
    const saved = vi.fn();
    server.use(
      http.get("*/api/v1/notifications/maintenance", () => HttpResponse.json({ maintenance: [] })),
      http.put("*/api/v1/notifications/maintenance/:name", async ({ request, params }) => {
        saved(params.name, await request.json());
        return HttpResponse.json({});
      }),
    );
    await renderPiece(<NotificationsPage />, { path: "/notifications?view=maintenance" });
    await userEvent.click(await screen.findByRole("button", { name: "Add a window" }));
    const dialog = within(await screen.findByRole("dialog"));
    await userEvent.type(dialog.getByLabelText(/^Name/), "weekly");
    await userEvent.type(dialog.getByLabelText(/^Reason/), "Index rebuild");
    await userEvent.click(dialog.getByText("Every week"));
    await userEvent.click(dialog.getByLabelText("Sun"));
    await userEvent.click(dialog.getByRole("button", { name: "Save" }));
    await waitFor(() =>
      expect(saved).toHaveBeenCalledWith("weekly", {
        reason: "Index rebuild",
        matchers: [],
        days: ["sun"],
        begins: "02:00",
        ends: "04:00",
        time_zone: "Asia/Seoul",
      }),
    );
  });
});

describe("deliveries", () => {
  it("tell the reason, the outcome and every attempt of one channel", async () => {
    serveChannels();
    const asked: (string | null)[] = [];
    const failed = createFakeDelivery({
      state: "failed",
      error: "HTTP 500",
      attempts: [
        { at: "2026-11-28T09:05:01Z", outcome: "failed", duration_ms: 30, status: 500, error: "boom" },
        { at: "2026-11-28T09:05:03Z", outcome: "failed", duration_ms: 30, status: 500, error: "boom" },
      ],
    });
    server.use(
      http.get("*/api/v1/notifications/deliveries", ({ request }) => {
        asked.push(new URL(request.url).searchParams.get("channel"));
        return HttpResponse.json({ deliveries: [failed], next_cursor: null });
      }),
      http.get("*/api/v1/notifications/deliveries/d1", () => HttpResponse.json(failed)),
    );
    await renderPiece(<NotificationsPage />, { path: "/notifications?view=deliveries&channel=ops" });
    const row = (await screen.findAllByRole("row"))[1] as HTMLElement;
    expect(row).toHaveTextContent(/ops.*Too many requests fail.*first notice.*Failed.*HTTP 500.*2/);
    expect(asked).toEqual(["ops"]);
    await userEvent.click(within(row).getByRole("button"));
    const attempts = await screen.findByRole("list", { name: "Attempts" });
    expect(within(attempts).getAllByRole("listitem")).toHaveLength(2);
    expect(attempts).toHaveTextContent("HTTP 500 · 30 ms · boom");
  });
});
