import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { ShortcutProvider } from "@/lib/shortcuts";
import { createFakeAnalysis, createFakeParts } from "@/test/fakes/analyses";
import { createFakeCaseDetail, createFakeRun } from "@/test/fakes/evaluations";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { AnalysisPage } from "./analysis-page";

const RUN = "*/api/v1/evals/runs/run_1";

function show(run = createFakeRun(), analysis = createFakeAnalysis()) {
  server.use(
    http.get(RUN, () => HttpResponse.json(run)),
    http.get(`${RUN}/analysis`, () => HttpResponse.json(analysis)),
    http.get(`${RUN}/cases/:position`, ({ params }) =>
      HttpResponse.json(createFakeCaseDetail({ position: Number(params.position) })),
    ),
    http.get("*/api/v1/evals/metrics", () =>
      HttpResponse.json({ metrics: [], problems: [], presets: {}, modes: {} }),
    ),
  );
  return renderPiece(
    <ShortcutProvider>
      <AnalysisPage runId="run_1" />
    </ShortcutProvider>,
    { path: "/evaluations/runs/run_1/analysis" },
  );
}

describe("AnalysisPage", () => {
  it("says first what to look at, with the way to the cases", async () => {
    await show();
    const findings = await screen.findByRole("region", { name: "What to look at" });
    expect(within(findings).getByText("Two kinds of cases.")).toBeInTheDocument();
    expect(
      within(findings).getByText(/topic “refunds”: faithfulness 0.300, all others 0.800/),
    ).toBeInTheDocument();
    const link = within(findings).getByRole("link", { name: "Cases below: faithfulness" });
    expect(link).toHaveAttribute("href", expect.stringContaining("by=faithfulness&show=failed&order=worst"));
  });

  it("opens a case of a cluster over the report, and goes through the cluster", async () => {
    const { router } = await show();
    const clusters = await screen.findByRole("region", { name: "Clusters of failing cases" });
    await userEvent.click(within(clusters).getByRole("link", { name: "Why was I charged twice?" }));
    expect(router.state.location.search).toMatchObject({ case: 7, cluster: "C1" });
    await screen.findByText("Case 8");
    await userEvent.keyboard("j");
    expect(router.state.location.search).toMatchObject({ case: 9 });
  });

  it("names the parts that say nothing, and why", async () => {
    await show();
    const method = await screen.findByRole("region", { name: "How this was found" });
    expect(within(method).getByText("The cases are no conversations.")).toBeInTheDocument();
    expect(within(method).getByText("ValueError: no words")).toBeInTheDocument();
    expect(within(method).getByText("Failed")).toBeInTheDocument();
  });

  it("is calm where nothing stands out", async () => {
    const quiet = createFakeParts({
      diagnostic: { gaps: [], findings: [] },
      slices: { tested: 3, least: 10, found: [], closest: [] },
      failure_clusters: { failing: 0, examined: 0, least: 3, alone: 0, clusters: [], not_shown: 0 },
    });
    await show(createFakeRun(), createFakeAnalysis(quiet));
    expect(await screen.findByText(/No rule has something to say/)).toBeInTheDocument();
  });

  it("waits for the end of a run", async () => {
    await show(createFakeRun({ state: "running", finished_at: null }));
    expect(await screen.findByText(/can be made as soon as the run is over/)).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Export" })).toBeNull();
  });
});
