import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import {
  createFakeDataset,
  createFakePlan,
  createFakeRun,
  createFakeVersion,
} from "@/test/fakes/evaluations";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { NewRunDialog } from "./new-run-dialog";

const FAITHFULNESS = {
  ...{ name: "faithfulness", title: { en: "Faithfulness", ko: "충실성" }, description: {} },
  ...{ lowest: 0, highest: 1, unit: "ratio" },
};

interface Asked {
  plans: unknown[];
  runs: unknown[];
}

/** A server that plans and begins what it is asked to, unless a refusal is given. */
function serve({ refusal, planRefusal }: { refusal?: object; planRefusal?: object } = {}): Asked {
  const asked: Asked = { plans: [], runs: [] };
  const problem = (body: object) => HttpResponse.json(body, { status: 422 });
  server.use(
    http.get("*/api/v1/datasets", () =>
      HttpResponse.json({ datasets: [createFakeDataset()], next_cursor: null }),
    ),
    http.get("*/api/v1/datasets/voc/versions", () =>
      HttpResponse.json({ versions: [createFakeVersion({ number: 2 })] }),
    ),
    http.get("*/api/v1/evals/metrics", () =>
      HttpResponse.json({ metrics: [FAITHFULNESS], problems: [], presets: {}, modes: {} }),
    ),
    http.get("*/api/v1/llm/profiles", () =>
      HttpResponse.json({
        profiles: [
          { profile: "prod", problem: "PROD_KEY is not set." },
          { profile: "simulated", problem: null },
        ],
      }),
    ),
    http.post("*/api/v1/evals/runs/plan", async ({ request }) => {
      asked.plans.push(await request.json());
      return planRefusal ? problem(planRefusal) : HttpResponse.json(createFakePlan());
    }),
    http.post("*/api/v1/evals/runs", async ({ request }) => {
      asked.runs.push(await request.json());
      return refusal ? problem(refusal) : HttpResponse.json(createFakeRun({ id: "run_9" }), { status: 201 });
    }),
  );
  return asked;
}

const open = (language: "en" | "ko" = "en") =>
  renderPiece(<NewRunDialog dataset="voc" onClose={() => undefined} />, { path: "/evaluations", language });
const write = async (field: HTMLElement, text: string) => {
  await userEvent.click(field);
  await userEvent.paste(text);
};
const start = () => userEvent.click(screen.getByRole("button", { name: "Start" }));
const openMore = () => userEvent.click(screen.getByRole("button", { name: /More choices/ }));

describe("NewRunDialog", () => {
  it("starts a run with dataset, set and profile alone, and opens it", async () => {
    const asked = serve();
    const { router } = await open();
    const profile = screen.getByLabelText("Profile of the judge", { selector: "input" });
    await userEvent.click(profile);
    await userEvent.click(await screen.findByRole("option", { name: "prod" }));
    expect(screen.getByText("PROD_KEY is not set.")).toBeInTheDocument();
    await userEvent.clear(profile);
    await userEvent.click(await screen.findByRole("option", { name: "simulated" }));
    await userEvent.click(screen.getByRole("combobox", { name: "Preset or mode" }));
    await userEvent.click(await screen.findByRole("option", { name: /^multiturn/ }));
    expect(screen.getByRole("combobox", { name: "Metrics" })).toBeDisabled();
    await start();
    await waitFor(() => expect(router.state.location.pathname).toBe("/evaluations/runs/run_9"));
    expect(asked.runs).toEqual([{ dataset: "voc", mode: "multiturn", profile: "simulated" }]);
  });

  it("says what the run takes at most, before it starts", async () => {
    serve();
    await open();
    const said = await screen.findByText("at most $0.42");
    const estimate = said.closest("[role=status]");
    for (const text of ["at most 20", "about 15K tokens", "about 1m 30s", "Metrics: Faithfulness"])
      expect(estimate).toHaveTextContent(text);
  });

  it("keeps what most runs leave as it is behind one disclosure", async () => {
    serve();
    await open();
    const more = screen.getByRole("button", { name: /More choices/ });
    expect(more).toHaveAttribute("aria-expanded", "false");
    expect(screen.queryByLabelText("Seed")).not.toBeInTheDocument();
    await userEvent.click(more);
    await userEvent.type(screen.getByLabelText("Seed"), "7");
    await userEvent.click(more);
    expect(more).toHaveTextContent("1 set");
  });

  it("shows what each metric passes at by itself and from where, and sends only what is set", async () => {
    const asked = serve();
    await open();
    await openMore();
    const threshold = await screen.findByLabelText("Faithfulness");
    expect(threshold).toHaveAccessibleDescription("Empty: ≥ 0.7, from the dataset");
    await userEvent.type(threshold, "0.9");
    await userEvent.type(screen.getByLabelText("Cases at most"), "5");
    await userEvent.type(screen.getByLabelText("Calls at most"), "50");
    await userEvent.click(screen.getByLabelText("Ask the judge anew"));
    await start();
    await waitFor(() => expect(asked.runs).toHaveLength(1));
    const size = { limit: 5, budget: { max_calls: 50 } };
    expect(asked.runs[0]).toEqual({
      ...{ dataset: "voc", thresholds: { faithfulness: 0.9 }, is_fresh: true },
      ...size,
    });
    expect(asked.plans.at(-1)).not.toHaveProperty("thresholds");
  });

  it("asks a service for the answers, once its address and its JSON can be sent", async () => {
    const asked = serve();
    await open();
    await openMore();
    await userEvent.click(screen.getByLabelText("Asked of an HTTP service"));
    expect(screen.getByRole("button", { name: "Start" })).toBeDisabled();
    await write(screen.getByLabelText(/^Address/), "http://127.0.0.1:9/ask");
    await write(screen.getByLabelText("Contexts"), "sources");
    await write(screen.getByLabelText("Headers"), "X-Team=voc");
    const body = screen.getByLabelText("JSON to send");
    await userEvent.type(body, "!");
    expect(screen.getByText("This is no JSON.")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Start" })).toBeDisabled();
    await userEvent.type(body, "{Backspace}");
    await start();
    await waitFor(() => expect(asked.runs).toHaveLength(1));
    expect(asked.runs[0]).toMatchObject({
      target: {
        ...{ kind: "http", url: "http://127.0.0.1:9/ask", body: { question: "{question}" } },
        ...{ contexts: "sources", usage: null, headers: { "X-Team": "voc" }, timeout_seconds: 60 },
      },
    });
  });

  it("shows what the server refused at its field, opens what hides it, and goes there", async () => {
    const text = { en: "The price is not known.", ko: "가격을 알 수 없습니다." };
    const where = "budget.max_cost_usd";
    serve({
      refusal: {
        code: "eval_plan.invalid",
        detail: text.en,
        details: { errors: [{ where, message: "", text }] },
      },
    });
    await open("ko");
    await userEvent.click(screen.getByRole("button", { name: "시작" }));
    const field = await screen.findByLabelText("최대 비용(USD)");
    await waitFor(() => expect(field).toHaveFocus());
    expect(field).toBeInvalid();
    expect(field).toHaveAccessibleDescription(/가격을 알 수 없습니다/);
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
    await userEvent.type(field, "2");
    expect(field).toBeValid();
  });

  it("says what cannot be planned while it is filled in, and as a whole what is about no field", async () => {
    const errors = [{ where: "body.target.http.url", message: "String too long" }];
    serve({
      planRefusal: { code: "input.invalid", detail: "x", details: { errors } },
      refusal: { code: "store.full", detail: "The disk is full." },
    });
    await open();
    expect(await screen.findByText(/can be said once the above is put right/)).toBeInTheDocument();
    await start();
    expect(within(await screen.findByRole("alert")).getByText("The disk is full.")).toBeInTheDocument();
  });
});
