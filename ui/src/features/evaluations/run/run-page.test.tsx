import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { ShortcutProvider } from "@/lib/shortcuts";
import {
  createFakeCalibration,
  createFakeCase,
  createFakeCaseDetail,
  createFakeEvidence,
  createFakeRun,
  createFakeTrackerLink,
  createFakeVersion,
} from "@/test/fakes/evaluations";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { RunPage } from "./run-page";

const cases = [
  createFakeCase(),
  createFakeCase({ position: 1, example_id: "q1", question: "Second?", passed: true }),
];

function serve(run = createFakeRun(), detail = createFakeCaseDetail()) {
  const asked: URLSearchParams[] = [];
  server.use(
    http.get("*/api/v1/evals/runs/run_1", () => HttpResponse.json(run)),
    http.get("*/api/v1/evals/runs/run_1/cases", ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json({ run_id: "run_1", cases, next_cursor: null });
    }),
    http.get("*/api/v1/evals/runs/run_1/cases/:position", ({ params }) =>
      HttpResponse.json({ ...detail, position: Number(params.position), example_id: `q${params.position}` }),
    ),
    http.get("*/api/v1/evals/runs/run_1/distributions", () =>
      HttpResponse.json({ run_id: "run_1", metrics: { faithfulness: { low: 0, high: 1, counts: [1, 8] } } }),
    ),
    http.get("*/api/v1/evals/metrics", () =>
      HttpResponse.json({ metrics: [], problems: [], presets: {}, modes: {} }),
    ),
    http.get("*/api/v1/datasets/voc/versions", () =>
      HttpResponse.json({ versions: [createFakeVersion()], next_cursor: null }),
    ),
  );
  return asked;
}

const page = (path: string) =>
  renderPiece(
    <ShortcutProvider>
      <RunPage runId="run_1" />
    </ShortcutProvider>,
    { path },
  );

describe("RunPage", () => {
  it("says what each metric scored and why cases have no score", async () => {
    serve();
    await page("/evaluations/runs/run_1");
    const row = await screen.findByRole("row", { name: /0\.900/ });
    expect(row).toHaveTextContent("9 of 10the judge timed out 1");
    expect(row).toHaveTextContent("≥ 0.7from the dataset");
    expect(await within(row).findByRole("img", { name: /0.000 to 1.000, at most 8/ })).toBeInTheDocument();
    expect(await screen.findByRole("link", { name: "voc@2" })).toHaveAttribute(
      "href",
      "/evaluations/datasets/voc?version=2",
    );
  });

  it("says how contexts were found, where the run searched for them", async () => {
    const run = createFakeRun();
    const retriever = { kind: "bm25", top_k: 5, passages: 1200, path: "/data/docs" };
    serve({ ...run, plan: { ...run.plan, target: { kind: "stored", retriever } } });
    await page("/evaluations/runs/run_1");
    expect(await screen.findByText("5 of 1,200 passages")).toBeInTheDocument();
  });

  it("leads to the tracker that has the run, and says what sends the rest", async () => {
    const link = createFakeTrackerLink({ state: "partly", cases_sent: 7, reason: "429 Too Many Requests" });
    serve(createFakeRun({ trackers: [link] }));
    await page("/evaluations/runs/run_1");
    const found = await screen.findByRole("link", { name: "partly sent" });
    expect(found).toHaveAttribute("href", "http://127.0.0.1:5000/#/runs/1");
    expect(screen.getByText("7 of 10 cases arrived")).toBeInTheDocument();
    expect(screen.getByText("429 Too Many Requests")).toBeInTheDocument();
    expect(screen.getByText("pitwall eval track run_1 --tracker mlflow")).toBeInTheDocument();
  });

  it("says that nobody has checked a judge, and where that is done", async () => {
    serve();
    await page("/evaluations/runs/run_1");
    const link = await screen.findByRole("link", { name: "uncalibrated" });
    expect(link).toHaveAttribute("href", "/evaluations/labels?run=run_1&metric=faithfulness");
  });

  it("says how far a judge agrees with people, and the pass rate without its mistakes", async () => {
    const interval = { low: 0.6, high: 0.8, method: "rogan_gladen" };
    const kappa = { value: 0.62, interval: null, agreement: 0.85, n: 60 };
    const calibration = createFakeCalibration({
      ...{ state: "calibrated", kappa, corrected_rate: { value: 0.71, interval } },
    });
    serve(createFakeRun({ calibration: { faithfulness: calibration } }));
    await page("/evaluations/runs/run_1");
    const row = await screen.findByRole("row", { name: /0\.900/ });
    expect(row).toHaveTextContent("calibratedκ 0.62corrected 71% (60% – 80%)");
  });

  it("asks for the worst cases of a metric", async () => {
    const asked = serve();
    const { router } = await page("/evaluations/runs/run_1?by=faithfulness&order=worst&show=failed");
    await screen.findByRole("button", { name: "When do I get my money back?" });
    expect(Object.fromEntries(asked[0] ?? [])).toMatchObject({
      ...{ metric: "faithfulness", order: "worst", status: "failed" },
    });
    await userEvent.click(screen.getByRole("button", { name: "All" }));
    await waitFor(() => expect(router.state.location.search).not.toHaveProperty("show"));
  });

  it("lights the chunk that supports a claim, for keyboards too", async () => {
    serve();
    await page("/evaluations/runs/run_1?case=0");
    const dialog = await screen.findByRole("dialog");
    const claim = await within(dialog).findByRole("group", { name: /Item 1/ });
    const chunk = within(dialog).getByText("Refunds take 7 days.").closest("li");
    expect(chunk).not.toHaveAttribute("data-lit");
    claim.focus();
    await waitFor(() => expect(chunk).toHaveAttribute("data-lit", "true"));
    claim.blur();
    await waitFor(() => expect(chunk).not.toHaveAttribute("data-lit"));
    expect(within(dialog).getByText("not stated")).toBeInTheDocument();
  });

  it("goes to the case before and after by keys, and closes", async () => {
    serve();
    const { router } = await page("/evaluations/runs/run_1?case=0");
    await screen.findByRole("heading", { name: "Case 1" });
    await waitFor(() => expect(screen.getByRole("button", { name: "Next case" })).toBeEnabled());
    await userEvent.keyboard("j");
    expect(await screen.findByRole("heading", { name: "Case 2" })).toBeInTheDocument();
    await userEvent.keyboard("k");
    expect(await screen.findByRole("heading", { name: "Case 1" })).toBeInTheDocument();
    await userEvent.keyboard("{Escape}");
    await waitFor(() => expect(router.state.location.search).not.toHaveProperty("case"));
  });

  it("explains a score that is none", async () => {
    const score = createFakeEvidence({
      ...{ status: "error", value: null, passed: null, reason: "judge_timeout", explanation: null },
      evidence: null,
    });
    serve(createFakeRun(), createFakeCaseDetail({ scores: [score] }));
    await page("/evaluations/runs/run_1?case=0");
    const dialog = await screen.findByRole("dialog");
    expect(await within(dialog).findByText("the judge timed out")).toBeInTheDocument();
    expect(dialog).toHaveTextContent("never as 0");
  });

  it("tells how an interrupted run goes on", async () => {
    const resume = "pitwall eval run --resume run_1";
    serve(createFakeRun({ state: "interrupted", resume, summary: null }));
    await page("/evaluations/runs/run_1");
    expect(await screen.findByText("The run was interrupted")).toBeInTheDocument();
    expect(screen.getByText(resume)).toBeInTheDocument();
    expect(screen.getByText("Means and intervals follow when the run ends.")).toBeInTheDocument();
  });

  it("cancels a run that is under way, after asking", async () => {
    serve(createFakeRun({ state: "running", summary: null }));
    let isCancelled = false;
    server.use(
      http.post("*/api/v1/evals/runs/run_1/cancel", () => {
        isCancelled = true;
        return HttpResponse.json(createFakeRun({ state: "cancelled" }));
      }),
    );
    await page("/evaluations/runs/run_1");
    await userEvent.click(await screen.findByRole("button", { name: "Cancel the run" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Cancel the run" }));
    await waitFor(() => expect(isCancelled).toBe(true));
  });

  it("explains a run nobody knows", async () => {
    serve();
    server.use(
      http.get("*/api/v1/evals/runs/run_1", () =>
        HttpResponse.json({ code: "eval_run.not_found", detail: "no" }, { status: 404 }),
      ),
    );
    await page("/evaluations/runs/run_1");
    expect(await screen.findByText("This run is not here")).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "All runs" })).toHaveAttribute("href", "/evaluations");
  });
});
