import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import type { Advice, Budget, CostSummary } from "@/api/costs";
import {
  createFakeAdvice,
  createFakeBudget,
  createFakeCostSummary,
  createFakeProjection,
  createFakeSpend,
} from "@/test/fakes/costs";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { CostsPage } from "./costs-page";
import { monthAfter, readCostsSearch } from "./search";

interface Answers {
  summary?: CostSummary;
  advice?: Advice;
  budgets?: Budget[];
}

function answerWith({ summary, advice, budgets = [] }: Answers = {}) {
  const asked: URL[] = [];
  const remember = (request: Request) => asked.push(new URL(request.url));
  server.use(
    http.get("*/api/v1/costs/summary", ({ request }) => {
      remember(request);
      return HttpResponse.json(summary ?? createFakeCostSummary());
    }),
    http.get("*/api/v1/costs/spend", ({ request }) => {
      remember(request);
      const by = (new URL(request.url).searchParams.get("by") ?? "model") as "model";
      return HttpResponse.json(createFakeSpend({ by }));
    }),
    http.get("*/api/v1/costs/advice", () => HttpResponse.json(advice ?? createFakeAdvice())),
    http.get("*/api/v1/costs/budgets", () => HttpResponse.json({ budgets })),
  );
  return asked;
}

const named = (asked: URL[], end: string) =>
  asked.filter((url) => url.pathname.endsWith(end)).map((url) => url.searchParams);

describe("CostsPage", () => {
  it("shows the month with its projection and interval, day by day", async () => {
    answerWith();
    await renderPiece(<CostsPage />, { path: "/costs" });
    const projected = (await screen.findByText("Projected month")).closest("div");
    expect(projected).toHaveTextContent("$30.00$25.00 – $36.00");
    expect(screen.getByText("The month will cost about $30.")).toBeInTheDocument();
    const days = screen.getByRole("table", { name: "Day by day" });
    expect(within(days).getByRole("row", { name: "2026-01-01 $1.50 –" })).toBeInTheDocument();
    expect(within(days).getByRole("row", { name: "2026-01-02 – $2.00" })).toBeInTheDocument();
  });

  it("says that there is not enough to project from, and what has no price", async () => {
    const projection = createFakeProjection({
      ...{ status: "not_enough_data", usd: null, low_usd: null, high_usd: null },
      text: { en: "Not enough days yet.", ko: "아직 날이 부족합니다." },
    });
    const unpriced = { calls: 3, share: 0.1, models: [{ provider: "x", model: "own-model", calls: 3 }] };
    answerWith({ summary: createFakeCostSummary({ projection, unpriced, by_day: [] }) });
    await renderPiece(<CostsPage />, { path: "/costs" });
    expect(await screen.findByText("Not enough days yet.")).toBeInTheDocument();
    expect(screen.getByText(/3 calls have no price/)).toHaveTextContent("own-model");
    expect(screen.getByText("Nothing with a price was called in this month.")).toBeInTheDocument();
  });

  it("steps through months and keeps them in the address", async () => {
    const asked = answerWith();
    const { router } = await renderPiece(<CostsPage />, { path: "/costs" });
    await userEvent.click(await screen.findByRole("button", { name: "Month before" }));
    await waitFor(() => expect(named(asked, "/summary").at(-1)?.get("month")).toBe("2025-12"));
    expect(router.state.location.search).toMatchObject({ month: "2025-12" });
  });

  it("splits the spend by what is chosen, over the month or the range", async () => {
    const asked = answerWith();
    const { router } = await renderPiece(<CostsPage />, { path: "/costs?range=24h" });
    const table = await screen.findByRole("table", { name: "Spend" });
    expect(named(asked, "/spend")[0]?.get("since")).toBe("2026-01-01T00:00:00Z");
    const link = within(table).getByRole("link", { name: "qwen2.5:7b" }).getAttribute("href") ?? "";
    expect(new URL(link, "http://x").searchParams.get("filter")).toBe('["model:eq:qwen2.5:7b"]');
    expect(within(table).getByRole("row", { name: /qwen/ })).toHaveTextContent("$9.0075%");
    await userEvent.click(screen.getByRole("radio", { name: "User" }));
    await waitFor(() => expect(named(asked, "/spend").at(-1)?.get("by")).toBe("user"));
    await userEvent.click(screen.getByRole("radio", { name: "Range above" }));
    await waitFor(() => expect(named(asked, "/spend").at(-1)?.get("since")).toBe("now-24h"));
    expect(router.state.location.search).toMatchObject({ by: "user", over: "range" });
  });

  it("gives advice with its saving, examples and what could not be looked for", async () => {
    answerWith();
    await renderPiece(<CostsPage />, { path: "/costs" });
    const card = (await screen.findByText("Keep answers of repeated prompts")).closest("article");
    expect(card).toHaveTextContent("$4.00per month $3.00 – $5.00");
    expect(card).toHaveTextContent("repeated_calls288");
    expect(within(card as HTMLElement).getByRole("link", { name: "4bf92f35" })).toBeInTheDocument();
    expect(screen.getByRole("list", { name: "What could not be looked for" })).toHaveTextContent(
      "Cheaper model · No scores yet.",
    );
  });

  it("says that there is too little to advise on", async () => {
    const basis = { ...createFakeAdvice().basis, cost_usd: "0", texts_since: null };
    answerWith({ advice: createFakeAdvice({ suggestions: [], basis }) });
    await renderPiece(<CostsPage />, { path: "/costs" });
    expect(await screen.findByText(/There is not enough data yet/)).toBeInTheDocument();
  });

  it("lists budgets with what is used, and adds one", async () => {
    answerWith({ budgets: [createFakeBudget()] });
    const saved: unknown[] = [];
    server.use(
      http.put("*/api/v1/costs/budgets/:name", async ({ params, request }) => {
        saved.push([params.name, await request.json()]);
        return HttpResponse.json(createFakeBudget({ name: "team" }));
      }),
    );
    await renderPiece(<CostsPage />, { path: "/costs" });
    const row = await screen.findByRole("row", { name: /voc/ });
    expect(row).toHaveTextContent("85%, past 80 %");
    expect(row).toHaveTextContent("$85.00 / $100.00");
    expect(row).toHaveTextContent("$140.00 (140%)");
    await userEvent.click(screen.getByRole("button", { name: "Add a budget" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
    expect(within(dialog).getByText("Give an amount above 0, such as 250.")).toBeInTheDocument();
    await userEvent.type(within(dialog).getByLabelText(/^Name/), "team");
    await userEvent.type(within(dialog).getByLabelText("Amount in US dollars"), "250.5");
    await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
    const nobody = { service: null, user: null, model: null, environment: null };
    expect(saved).toEqual([["team", { amount_usd: "250.5", period: "month", ...nobody }]]);
  });

  it("asks before a budget is removed, and says why it could not be", async () => {
    answerWith({ budgets: [createFakeBudget(), createFakeBudget({ name: "packed", origin: "pack" })] });
    server.use(
      http.delete("*/api/v1/costs/budgets/voc", () =>
        HttpResponse.json({ code: "x", detail: "The key may only read." }, { status: 403 }),
      ),
    );
    await renderPiece(<CostsPage />, { path: "/costs" });
    await userEvent.click(await screen.findByRole("button", { name: "Remove voc" }));
    expect(screen.queryByRole("button", { name: "Remove packed" })).not.toBeInTheDocument();
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Remove" }));
    expect(await within(dialog).findByRole("alert")).toHaveTextContent("The key may only read.");
  });

  it("speaks Korean", async () => {
    answerWith({ budgets: [createFakeBudget()] });
    await renderPiece(<CostsPage />, { path: "/costs", language: "ko" });
    expect(await screen.findByText("월말 예상")).toBeInTheDocument();
    expect(await screen.findByText("반복 프롬프트의 답변 저장")).toBeInTheDocument();
  });
});

describe("search of costs", () => {
  it("leaves out what it does not know", () => {
    expect(readCostsSearch({ month: "2026-13", by: "shoe", over: "all" })).toEqual({});
    expect(readCostsSearch({ month: "2026-02", by: "user", over: "range" })).toEqual({
      month: "2026-02",
      by: "user",
      over: "range",
    });
  });

  it("steps over the end of a year", () => {
    expect(monthAfter("2026-12", 1)).toBe("2027-01");
    expect(monthAfter("2026-01", -1)).toBe("2025-12");
  });
});
