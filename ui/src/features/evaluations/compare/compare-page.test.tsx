import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import type { Comparison } from "@/api/eval-comparison";
import {
  createFakeCase,
  createFakeCaseDetail,
  createFakeComparison,
  createFakeMetricComparison,
  createFakeRun,
  createFakeScore,
} from "@/test/fakes/evaluations";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { ComparePage } from "./compare-page";

function serve(comparison: Comparison) {
  const casesOf = (value: number) => [
    createFakeCase({ passed: value > 0.7, scores: [createFakeScore({ value, passed: value > 0.7 })] }),
    createFakeCase({ example_id: "q1", position: 1, question: "Same?", passed: true }),
  ];
  server.use(
    http.get("*/api/v1/evals/compare", () => HttpResponse.json(comparison)),
    http.get("*/api/v1/evals/metrics", () =>
      HttpResponse.json({ metrics: [], problems: [], presets: {}, modes: {} }),
    ),
    http.get("*/api/v1/evals/runs/:id", () => HttpResponse.json(createFakeRun())),
    http.get("*/api/v1/evals/runs/:id/cases", ({ params }) =>
      HttpResponse.json({
        run_id: params.id,
        cases: casesOf(params.id === "run_a" ? 0.9 : 0.1),
        next_cursor: null,
      }),
    ),
    http.get("*/api/v1/evals/runs/:id/cases/:position", ({ params }) =>
      HttpResponse.json(
        createFakeCaseDetail({
          judged_answer: { text: params.id === "run_a" ? "Old answer" : "New answer" },
        }),
      ),
    ),
  );
}

const PATH = "/evaluations/compare?a=run_a&b=run_b";

describe("ComparePage", () => {
  it("says in words what can be said of each metric", async () => {
    const equal = createFakeMetricComparison({
      ...{ metric: "f1_score", verdict: "no_difference_shown", difference: 0.01 },
      ...{ interval: { low: -0.05, high: 0.07, method: "bootstrap_bca" as never }, p_adjusted: 0.6 },
      needed: { difference: 0.01, of: "observed", more: 900 },
    });
    serve(createFakeComparison({ metrics: [createFakeMetricComparison(), equal] }));
    await renderPiece(<ComparePage />, { path: PATH });
    const worse = await screen.findByRole("row", { name: /faithfulness/ });
    expect(worse).toHaveTextContent("Worse");
    expect(worse).toHaveTextContent("−0.200−0.300 – −0.100");
    const same = screen.getByRole("row", { name: /f1_score/ });
    expect(same).toHaveTextContent("No difference shown");
    expect(same).toHaveTextContent("900 more cases show 0.010");
  });

  it("warns loudly if the ruler changed", async () => {
    const text = { en: "The judge differs: a, b.", ko: "판정 모델이 다릅니다." };
    serve(
      createFakeComparison({
        notices: [{ kind: "judge_differs", is_other_ruler: true, metric: null, text }],
      }),
    );
    await renderPiece(<ComparePage />, { path: PATH });
    expect(await screen.findByRole("alert")).toHaveTextContent("The judge differs: a, b.");
  });

  it("tells what else changed, what is known first", async () => {
    const change = (what: string, is_known: boolean) => ({
      ...{ part: "git", what, before: "a", after: "b", is_known },
      text: { en: `${what} differs.`, ko: `${what} 다름.` },
    });
    const many = Array.from({ length: 9 }, (_, at) => change(`package ${at}`, true));
    serve(createFakeComparison({ changes: [change("seed", false), ...many] }));
    await renderPiece(<ComparePage />, { path: PATH });
    const panel = within(await screen.findByRole("region", { name: "What else changed" }));
    expect(panel.getAllByRole("listitem")).toHaveLength(8);
    expect(panel.queryByText("seed differs.")).not.toBeInTheDocument();
    await userEvent.click(panel.getByRole("button", { name: "All 10 changes" }));
    expect(panel.getAllByRole("listitem").at(-1)).toHaveTextContent("seed differs.");
  });

  it("shows the case that lost side by side", async () => {
    serve(createFakeComparison());
    const { router } = await renderPiece(<ComparePage />, { path: `${PATH}&metric=faithfulness` });
    const name = "When do I get my money back?";
    await userEvent.click(await screen.findByRole("button", { name }));
    await waitFor(() => expect(router.state.location.search).toMatchObject({ case: "q0" }));
    const dialog = await screen.findByRole("dialog");
    expect(await within(dialog).findByText("Old answer")).toBeInTheDocument();
    expect(await within(dialog).findByText("New answer")).toBeInTheDocument();
  });

  it("leads to the runs without two of them, and says what the server refuses", async () => {
    await renderPiece(<ComparePage />, { path: "/evaluations/compare" });
    expect(await screen.findByRole("link", { name: "All runs" })).toBeInTheDocument();
  });
});
