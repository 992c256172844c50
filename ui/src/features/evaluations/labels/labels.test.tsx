import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { ShortcutProvider } from "@/lib/shortcuts";
import { createFakeCaseDetail, createFakeRun } from "@/test/fakes/evaluations";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { LabelsPage } from "./labels-page";

describe("LabelsPage", () => {
  it("hides what the judge said, and labels by keys", async () => {
    const labels: unknown[] = [];
    server.use(
      http.get("*/api/v1/evals/runs", () =>
        HttpResponse.json({ runs: [createFakeRun()], next_cursor: null }),
      ),
      http.get("*/api/v1/evals/runs/run_1", () => HttpResponse.json(createFakeRun())),
      http.get("*/api/v1/evals/runs/run_1/cases/:position", () => HttpResponse.json(createFakeCaseDetail())),
      http.get("*/api/v1/evals/metrics", () =>
        HttpResponse.json({ metrics: [], problems: [], presets: {}, modes: {} }),
      ),
      http.get("*/api/v1/evals/labels/queue", () =>
        HttpResponse.json({
          cases: ["q4", "q0", "q2"].map((example_id, position) => ({ position, example_id })),
        }),
      ),
      http.get("*/api/v1/evals/trust", () =>
        HttpResponse.json({ run_id: "run_1", dataset: "voc", metrics: [] }),
      ),
      http.post("*/api/v1/evals/labels", async ({ request }) => {
        labels.push(await request.json());
        return HttpResponse.json({ added: 1, unmatched_count: 0, unmatched: [] });
      }),
    );
    await renderPiece(
      <ShortcutProvider>
        <LabelsPage />
      </ShortcutProvider>,
      { path: "/evaluations/labels?run=run_1&metric=faithfulness" },
    );
    expect(await screen.findByText("In 7 days. Shipping is free.")).toBeInTheDocument();
    expect(screen.queryByText("0.500")).toBeNull();
    await userEvent.keyboard("1");
    await screen.findByText("2 cases in the queue");
    await userEvent.keyboard("s");
    await screen.findByText("1 case in the queue");
    await userEvent.keyboard("0");
    expect(await screen.findByText("Nothing left to label")).toBeInTheDocument();
    await waitFor(() =>
      expect(labels).toEqual([
        { run: "run_1", labels: [{ example_id: "q4", metric: "faithfulness", value: 1 }] },
        { run: "run_1", labels: [{ example_id: "q2", metric: "faithfulness", value: 0 }] },
      ]),
    );
  });
});
