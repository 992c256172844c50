import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import type { Trend } from "@/api/eval-trends";
import { createFakeTrend, createFakeTrendRun } from "@/test/fakes/analyses";
import { createFakeDataset, createFakeRun, createFakeVersion } from "@/test/fakes/evaluations";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { segmentsOf } from "./run-chart";
import { scaleOfValues } from "./scale";
import { TrendsPage } from "./trends-page";

const JUDGE = { kind: "judge" as const, before: "judge-7b", after: "judge-70b" };
const RUNS = [
  createFakeTrendRun({ baselines: ["main"] }),
  createFakeTrendRun({ id: "run_2", name: "nightly 2", at: "2026-01-02T00:00:00Z", cost_usd: null }),
  createFakeTrendRun({
    ...{ id: "run_3", name: "nightly 3", at: "2026-01-03T00:00:00Z" },
    ...{ breaks: [JUDGE], passing_breaks: [JUDGE] },
  }),
];

function show(trend: Trend, path = "/evaluations/trends") {
  server.use(
    http.get("*/api/v1/evals/runs", () => HttpResponse.json({ runs: [createFakeRun()], next_cursor: null })),
    http.get("*/api/v1/evals/trend", () => HttpResponse.json(trend)),
    http.get("*/api/v1/datasets", () =>
      HttpResponse.json({ datasets: [createFakeDataset()], next_cursor: null }),
    ),
    http.get("*/api/v1/datasets/voc/versions", () => HttpResponse.json({ versions: [createFakeVersion()] })),
    http.get("*/api/v1/evals/metrics", () =>
      HttpResponse.json({ metrics: [], problems: [], presets: {}, modes: {} }),
    ),
  );
  return renderPiece(<TrendsPage />, { path });
}

const pointOf = (name: RegExp) => screen.getAllByRole("button", { name })[0] as HTMLElement;

describe("TrendsPage", () => {
  it("takes the dataset of the newest run, and says of each run what broke the line", async () => {
    await show(createFakeTrend(RUNS));
    await screen.findByRole("figure", { name: /^faithfulness over the runs/ });
    expect(pointOf(/^nightly 1, .*baseline main$/)).toBeInTheDocument();
    expect(pointOf(/^nightly 3, .*not comparable .*judge judge-7b → judge-70b$/)).toBeInTheDocument();
    expect(screen.getByRole("table", { name: "Runs in the line" })).toHaveTextContent(
      "judge judge-7b → judge-70b",
    );
  });

  it("leads from a point to its run, and from two to their comparison, the older one first", async () => {
    const { router } = await show(createFakeTrend(RUNS));
    await screen.findByRole("figure", { name: /^faithfulness/ });
    await userEvent.click(pointOf(/^nightly 3/));
    expect(router.state.location.search).toMatchObject({ a: "run_3" });
    await userEvent.click(pointOf(/^nightly 1/));
    const compare = await screen.findByRole("link", { name: "Compare" });
    expect(compare).toHaveAttribute("href", "/evaluations/compare?a=run_1&b=run_3");
    await userEvent.click(screen.getByRole("button", { name: "Clear" }));
    expect(router.state.location.search).toEqual({});
  });

  it("draws no bar for a cost that is not known", async () => {
    await show(createFakeTrend(RUNS));
    const cost = await screen.findByRole("figure", { name: /^Cost/ });
    expect(cost.querySelectorAll("button")).toHaveLength(2);
  });

  it("says that a dataset has no finished run", async () => {
    await show(createFakeTrend([], { metric: null }), "/evaluations/trends?dataset=voc");
    expect(await screen.findByText("No finished run of this dataset")).toBeInTheDocument();
  });
});

describe("the line of a trend", () => {
  it("ends where the ruler changes and where a value is missing", () => {
    const mark = (value: number | null, breaks = "") => ({ value, breaks });
    expect(segmentsOf([mark(1), mark(2), mark(3, "judge"), mark(4), mark(null), mark(5)])).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  it("has round ticks around its values, and never leaves what a share can be", () => {
    expect(scaleOfValues([0.62, 0.81], { isRatio: true })).toEqual({
      ...{ from: 0.6, to: 0.85 },
      ticks: [0.6, 0.65, 0.7, 0.75, 0.8, 0.85],
    });
    expect(scaleOfValues([1, 1], { isRatio: true }).to).toBe(1);
    expect(scaleOfValues([3, 9], { hasZero: true }).from).toBe(0);
    expect(scaleOfValues([null])).toMatchObject({ from: 0, to: 1 });
  });
});
