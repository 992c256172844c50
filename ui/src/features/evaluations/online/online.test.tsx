import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import type { OnlineRule, OnlineRuleDetail } from "@/api/online-rules";
import { ShortcutProvider } from "@/lib/shortcuts";
import {
  createFakeMetric,
  createFakeOnlineRule,
  createFakeOnlineRuleDetail,
} from "@/test/fakes/online-rules";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { OnlinePage } from "./online-page";

const METRICS = [
  createFakeMetric(),
  createFakeMetric({ name: "exact_match", title: { en: "Exact match", ko: "" }, needs: ["reference"] }),
  createFakeMetric({ name: "numbers", title: { en: "Numbers", ko: "" }, calls: 0 }),
];

function serve(rules: OnlineRule[], detail: OnlineRuleDetail = createFakeOnlineRuleDetail()) {
  server.use(
    http.get("*/api/v1/evals/online/rules", () => HttpResponse.json({ rules })),
    http.get("*/api/v1/evals/online/rules/:name", () => HttpResponse.json(detail)),
    http.get("*/api/v1/evals/metrics", () =>
      HttpResponse.json({ metrics: METRICS, problems: [], presets: {}, modes: {} }),
    ),
  );
}

function show(path: string) {
  return renderPiece(
    <ShortcutProvider>
      <OnlinePage />
    </ShortcutProvider>,
    { path },
  );
}

describe("online rules", () => {
  it("say what they score, how their day goes and what is spent, and can be paused", async () => {
    const today = { ...createFakeOnlineRule().today, errors: 2, left_out: 7, calls: 500, budget_spent: true };
    serve([createFakeOnlineRule({ today, error: "Profile prod is gone." })]);
    const sent = vi.fn();
    server.use(
      http.post("*/api/v1/evals/online/rules/judged/switch", async ({ request }) => {
        sent(await request.json());
        return HttpResponse.json(createFakeOnlineRuleDetail({ enabled: false }));
      }),
    );
    await show("/evaluations/online");
    const row = (await screen.findAllByRole("row"))[1] as HTMLElement;
    await within(row).findByText("Faithfulness");
    expect(row).toHaveTextContent(/service:eq:voc-chat.*Profile prod is gone.*5%.*38 scores.*7 left out/);
    expect(row).toHaveTextContent(/2 errors.*500 of 500 calls.*\$0.50 of \$2.*Spent/);
    await userEvent.click(within(row).getByRole("switch", { name: "On or paused: judged" }));
    await waitFor(() => expect(sent).toHaveBeenCalledWith({ is_enabled: false }));
  });

  it("are made with metrics that live traces can have", async () => {
    serve([]);
    const saved = vi.fn();
    server.use(
      http.put("*/api/v1/evals/online/rules/:name", async ({ request, params }) => {
        saved(params.name, await request.json());
        return HttpResponse.json(createFakeOnlineRuleDetail());
      }),
    );
    await show("/evaluations/online");
    expect(await screen.findByRole("heading", { name: "No rule scores live traces yet" })).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "New rule" }));
    await userEvent.type(await screen.findByLabelText(/^Name/), "mine");
    await userEvent.click(screen.getByRole("combobox", { name: /Metrics/ }));
    expect(screen.queryByText("Exact match (exact_match)")).toBeNull();
    await userEvent.click(await screen.findByText("Numbers (numbers)"));
    await userEvent.type(
      screen.getByLabelText(/Only traces whose root span/, { selector: "input" }),
      "service:eq:shop{Enter}",
    );
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() =>
      expect(saved).toHaveBeenCalledWith("mine", {
        ...{ metrics: ["numbers"], filters: ["service:eq:shop"], sample_rate: 0.1, settle_seconds: 30 },
        ...{ profile: null, max_calls_per_day: 1000, max_cost_usd_per_day: null, enabled: true },
      }),
    );
  });

  it("show their last scores with the traces, and can be deleted after a question", async () => {
    serve([createFakeOnlineRule()]);
    const deleted = vi.fn();
    server.use(
      http.delete("*/api/v1/evals/online/rules/judged", () => {
        deleted();
        return HttpResponse.json({ name: "judged" });
      }),
    );
    await show("/evaluations/online?rule=judged");
    const drawer = await screen.findByRole("dialog", { name: "judged" });
    expect(await within(drawer).findByText("0.500")).toBeVisible();
    expect(within(drawer).getByText("Below the threshold")).toBeInTheDocument();
    const [, trace] = within(drawer).getAllByRole("link");
    expect(trace).toHaveAttribute("href", `/traces/${"a".repeat(32)}`);
    await userEvent.click(within(drawer).getByRole("button", { name: "Delete" }));
    expect(deleted).not.toHaveBeenCalled();
    const question = await screen.findByRole("dialog", { name: "Delete rule judged?" });
    await userEvent.click(within(question).getByRole("button", { name: "Delete" }));
    await waitFor(() => expect(deleted).toHaveBeenCalled());
  });

  it("of packs are only paused here", async () => {
    serve([createFakeOnlineRule({ pack: "shop" })], createFakeOnlineRuleDetail({ pack: "shop" }));
    await show("/evaluations/online?rule=judged");
    const drawer = await screen.findByRole("dialog", { name: "judged" });
    expect(await within(drawer).findByText(/Comes with pack shop/)).toBeVisible();
    expect(within(drawer).queryByRole("button", { name: "Change" })).toBeNull();
    expect(within(drawer).queryByRole("button", { name: "Delete" })).toBeNull();
  });
});
