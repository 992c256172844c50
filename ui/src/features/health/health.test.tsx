import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { createFakeProbe } from "@/test/fakes/probes";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { HealthPage } from "./health-page";
import { contentOf, draftOf, problemsOf } from "./probe-fields";

function answerWith(probes = [createFakeProbe()]) {
  server.use(http.get("*/api/v1/probes", () => HttpResponse.json({ probes })));
}

const down = createFakeProbe({
  ...{ name: "api", kind: "http", target: "http://127.0.0.1:9/health", status: "down", origin: "core" },
  last: {
    ...{ at: "2026-01-02T00:00:30Z", status: "down", latency_ms: null },
    error: { en: "HTTP 503, expected 200–299", ko: "HTTP 503 응답" },
    detail: { http_status: 503 },
  },
  content: { name: "api", kind: "http", url: "http://127.0.0.1:9/health", json: { path: "status" } },
});

describe("HealthPage", () => {
  it("lists probes with status, latency, uptime and history", async () => {
    answerWith([createFakeProbe(), down]);
    await renderPiece(<HealthPage />, { path: "/health" });
    const row = await screen.findByRole("row", { name: /^ollama/ });
    expect(row).toHaveTextContent("Up");
    expect(row).toHaveTextContent("12 ms99.91%–");
    expect(within(row).getByRole("img", { name: "Last 2 results: Up 1, Down 1" })).toBeInTheDocument();
    expect(screen.getByRole("row", { name: /^api Down/ })).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Remove ollama" })).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Remove api" })).not.toBeInTheDocument();
  });

  it("says why a service is down, and what was seen", async () => {
    answerWith([down]);
    const { router } = await renderPiece(<HealthPage />, { path: "/health" });
    await userEvent.click(await screen.findByRole("link", { name: "api" }));
    expect(await screen.findByText("HTTP 503, expected 200–299")).toBeInTheDocument();
    expect(screen.getByRole("row", { name: "http_status 503" })).toBeInTheDocument();
    expect(screen.getByRole("table", { name: "Latest results" })).toBeInTheDocument();
    expect(router.state.location.search).toMatchObject({ probe: "api" });
  });

  it("runs a probe now, and says why it could not", async () => {
    const probes = [createFakeProbe()];
    answerWith(probes);
    server.use(
      http.post("*/api/v1/probes/ollama/run", () => {
        probes[0] = createFakeProbe({ status: "degraded" });
        return HttpResponse.json(probes[0]);
      }),
    );
    await renderPiece(<HealthPage />, { path: "/health" });
    await userEvent.click(await screen.findByRole("button", { name: "Run ollama now" }));
    expect(await screen.findByRole("row", { name: /^ollama Degraded/ })).toBeInTheDocument();
    server.use(
      http.post("*/api/v1/probes/ollama/run", () =>
        HttpResponse.json({ code: "x", detail: "The key may only read." }, { status: 403 }),
      ),
    );
    await userEvent.click(screen.getByRole("button", { name: "Run ollama now" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("The key may only read.");
  });

  it("adds a probe with the fields of its kind", async () => {
    answerWith([]);
    const saved: unknown[] = [];
    server.use(
      http.put("*/api/v1/probes/:name", async ({ request }) => {
        saved.push(await request.json());
        return HttpResponse.json(createFakeProbe());
      }),
    );
    await renderPiece(<HealthPage />, { path: "/health" });
    expect(await screen.findByText("No probes yet")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Add a probe" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
    expect(within(dialog).getByText("This is needed.")).toBeInTheDocument();
    await userEvent.type(within(dialog).getByLabelText("Name"), "api");
    await userEvent.type(within(dialog).getByLabelText(/^Address/), "http://127.0.0.1:9/");
    await userEvent.type(within(dialog).getByLabelText(/^Expected HTTP/), "200, 204");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    expect(saved).toEqual([
      { name: "api", kind: "http", url: "http://127.0.0.1:9/", status: [200, 204], is_enabled: true },
    ]);
  });

  it("shows what the server says of a probe it refuses", async () => {
    answerWith();
    server.use(
      http.put("*/api/v1/probes/ollama", () =>
        HttpResponse.json({ code: "x", detail: "every_seconds is below 5." }, { status: 422 }),
      ),
    );
    await renderPiece(<HealthPage />, { path: "/health" });
    await userEvent.click(await screen.findByRole("button", { name: "Edit ollama" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.type(within(dialog).getByLabelText("Every, seconds"), "1");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
    expect(await within(dialog).findByRole("alert")).toHaveTextContent("every_seconds is below 5.");
  });

  it("removes a probe only after asking", async () => {
    answerWith();
    const removed: unknown[] = [];
    server.use(
      http.delete("*/api/v1/probes/:name", ({ params }) => {
        removed.push(params.name);
        return HttpResponse.json({ probe: null });
      }),
    );
    await renderPiece(<HealthPage />, { path: "/health" });
    await userEvent.click(await screen.findByRole("button", { name: "Remove ollama" }));
    expect(removed).toEqual([]);
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Remove" }));
    await waitFor(() => expect(removed).toEqual(["ollama"]));
  });

  it("explains a probe that does not exist, in Korean", async () => {
    answerWith();
    await renderPiece(<HealthPage />, { path: "/health?probe=gone", language: "ko" });
    expect(await screen.findByText("“gone” 프로브가 없습니다")).toBeInTheDocument();
  });
});

describe("fields of a probe", () => {
  it("keep what the form does not show, and drop what was emptied", () => {
    const draft = draftOf({ ...down.content, slow_ms: 500 }, "http");
    expect(draft.values.slow_ms).toBe("500");
    const content = contentOf(
      { ...draft, values: { ...draft.values, slow_ms: "", contains: "ok" } },
      down.content,
    );
    expect(content).toEqual({ ...down.content, contains: "ok", is_enabled: true });
  });

  it("know what is no number and what is missing", () => {
    const draft = draftOf({ name: "x" }, "http");
    expect(problemsOf(draft)).toEqual(["url"]);
    const values = { url: "http://127.0.0.1", status: "200, ok", retries: "two" };
    expect(problemsOf({ ...draft, values })).toEqual(["status", "retries"]);
  });
});
