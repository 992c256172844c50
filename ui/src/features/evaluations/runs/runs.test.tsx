import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { createFakeDataset, createFakeRun, createFakeSummary } from "@/test/fakes/evaluations";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { RunsPage } from "./runs-page";

const serveRuns = (runs: unknown[]) =>
  server.use(
    http.get("*/api/v1/evals/runs", () => HttpResponse.json({ runs, next_cursor: null })),
    http.get("*/api/v1/datasets", () =>
      HttpResponse.json({ datasets: [createFakeDataset()], next_cursor: null }),
    ),
    http.get("*/api/v1/evals/metrics", () =>
      HttpResponse.json({
        metrics: [{ name: "faithfulness", title: { en: "Faithfulness", ko: "충실성" }, description: {} }],
        ...{ problems: [], presets: {}, modes: {} },
      }),
    ),
  );

describe("RunsPage", () => {
  it("shows each run with its mean, and says in words what misses its threshold", async () => {
    const weak = createFakeRun({ id: "run_2", name: "weak" });
    if (weak.summary)
      weak.summary.metrics = { faithfulness: createFakeSummary({ mean: 0.4, low: 0.3, high: 0.5 }) };
    serveRuns([weak, createFakeRun()]);
    await renderPiece(<RunsPage />, { path: "/evaluations" });
    const row = await screen.findByRole("row", { name: /weak/ });
    expect(row).toHaveTextContent("Below the threshold0.400");
    expect(row).toHaveTextContent("voc@2");
    expect(await screen.findByRole("columnheader", { name: "Faithfulness" })).toBeInTheDocument();
    expect(screen.getByRole("row", { name: /nightly/ })).not.toHaveTextContent("Below");
  });

  it("compares the two that are chosen, the older one as what was before", async () => {
    serveRuns([createFakeRun({ id: "new", name: "new" }), createFakeRun({ id: "old", name: "old" })]);
    const { router } = await renderPiece(<RunsPage />, { path: "/evaluations" });
    const compare = await screen.findByRole("button", { name: "Compare" });
    expect(compare).toBeDisabled();
    await userEvent.click(screen.getByRole("checkbox", { name: "Choose new to compare" }));
    await userEvent.click(screen.getByRole("checkbox", { name: "Choose old to compare" }));
    await userEvent.click(compare);
    await waitFor(() => expect(router.state.location.search).toMatchObject({ a: "old", b: "new" }));
    expect(router.state.location.pathname).toBe("/evaluations/compare");
  });

  it("says how far a run is and how long it takes yet", async () => {
    const run = createFakeRun({ state: "running", summary: null });
    Object.assign(run.progress, { cases: 100, cases_done: 25, seconds: 50 });
    serveRuns([run]);
    await renderPiece(<RunsPage />, { path: "/evaluations" });
    expect(await screen.findByText(/25 of 100 cases/)).toHaveTextContent("30 a minute · 2m 30s left");
    expect(screen.getByRole("progressbar", { name: "Progress of nightly" })).toHaveAttribute("value", "25");
  });

  it("teaches the command while there is nothing, and clears a filter that fits nothing", async () => {
    serveRuns([]);
    const { router } = await renderPiece(<RunsPage />, { path: "/evaluations?state=failed" });
    await userEvent.click(await screen.findByRole("button", { name: "Clear the filters" }));
    await waitFor(() => expect(router.state.location.search).toEqual({}));
    expect(await screen.findByText("pitwall eval run FILE --profile simulated")).toBeInTheDocument();
  });
});
