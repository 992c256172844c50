import { configure, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { createFakeAnswer, createFakeSeries, createFakeSignal } from "@/test/fakes/failing-signal";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { SignalsPage } from "./signals-page";

const signals = [
  createFakeSignal(),
  createFakeSignal({ name: "requests.count", value: "count()", unit: "requests", better: "neutral" }),
  createFakeSignal({ name: "team.own", unit: "ms" }),
];
const answers: Record<string, ReturnType<typeof createFakeSeries>> = {
  "llm.failure_rate": createFakeSeries({ values: [0.15], counts: [40], bands: ["critical"] }),
  "requests.count": createFakeSeries({ values: [812], counts: [812], bands: ["normal"] }),
  "team.own": createFakeSeries({ values: [null], counts: [0], bands: ["no_data"] }),
};
let asked: { name: string; step?: string; where?: string }[][] = [];

// The machine that tests is busy with others.
configure({ asyncUtilTimeout: 8000 });

beforeEach(() => {
  asked = [];
  server.use(
    http.get("*/api/v1/signals", () => HttpResponse.json({ signals })),
    http.post("*/api/v1/signals/query", async ({ request }) => {
      const { queries } = (await request.json()) as { queries: (typeof asked)[number] };
      asked.push(queries);
      const results = queries.map(({ name }) => createFakeAnswer({ name, series: [answers[name] as never] }));
      return HttpResponse.json({ results });
    }),
  );
});

describe("list of signals", () => {
  it("shows value, band and samples under the topic, and asks for all at once", async () => {
    await renderPiece(<SignalsPage />, { path: "/signals?env=prod" });
    const row = await screen.findByRole("link", { name: /llm\.failure_rate/ });
    await waitFor(() => expect(row).toHaveTextContent("15%"));
    expect(row).toHaveTextContent("Critical");
    expect(row).toHaveTextContent("40 samples");
    expect(row).toHaveAttribute("href", expect.stringContaining("/signals/llm.failure_rate?env=prod"));
    expect(screen.getByRole("heading", { name: "Model calls" })).toBeVisible();
    expect(screen.getByRole("heading", { name: "team" })).toBeVisible();
    expect(asked).toHaveLength(2);
    expect(asked[0]?.every(({ where }) => where === "environment = 'prod'")).toBe(true);
  });

  it("never shows 0 for no data", async () => {
    await renderPiece(<SignalsPage />);
    const row = await screen.findByRole("link", { name: /team\.own/ });
    await waitFor(() => expect(row).toHaveTextContent("No data"));
    expect(row).toHaveTextContent("–");
  });

  it("puts the worst first, and keeps only a band", async () => {
    const { router } = await renderPiece(<SignalsPage />);
    await screen.findByText("15%");
    await userEvent.click(screen.getByRole("radio", { name: "Worst first" }));
    await waitFor(() => expect(screen.getAllByRole("link")[0]).toHaveTextContent("llm.failure_rate"));
    await userEvent.click(screen.getByRole("checkbox", { name: /No data/ }));
    await waitFor(() => expect(screen.getAllByRole("link")).toHaveLength(1));
    expect(router.state.location.search).toMatchObject({ order: "band", band: "no_data" });
  });

  it("finds by words, and offers a way out when nothing fits", async () => {
    await renderPiece(<SignalsPage />);
    await screen.findByText("15%");
    await userEvent.type(screen.getByRole("searchbox", { name: "Find a signal" }), "nothing like it");
    await userEvent.click(await screen.findByRole("button", { name: "Show all signals" }));
    await waitFor(() => expect(screen.getAllByRole("link")).toHaveLength(3));
  });

  it("is walked with arrow keys", async () => {
    await renderPiece(<SignalsPage />);
    await screen.findByText("15%");
    const [first, second] = screen.getAllByRole("link");
    first?.focus();
    await userEvent.keyboard("{ArrowDown}");
    expect(second).toHaveFocus();
  });

  it("says in Korean that a range has not begun", async () => {
    const path = "/signals?since=2099-01-01T00:00:00Z&until=2099-01-01T01:00:00Z";
    await renderPiece(<SignalsPage />, { path, language: "ko" });
    const note = await screen.findByRole("alert");
    expect(within(note).getByRole("button", { name: "최근 1시간 보기" })).toBeVisible();
  });
});
