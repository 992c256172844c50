import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import type { Missed } from "@/api/missed";
import { ShortcutProvider } from "@/lib/shortcuts";
import { createFakeMissed } from "@/test/fakes/missed";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { MissedPage } from "./missed-page";

beforeAll(() => {
  // jsdom has no canvas: charts are left out.
  HTMLCanvasElement.prototype.getContext = undefined as never;
});

function serveMissed(found: Missed) {
  const asked: URL[] = [];
  server.use(
    http.get("*/api/v1/evals/missed", ({ request }) => {
      asked.push(new URL(request.url));
      return HttpResponse.json(found);
    }),
  );
  return asked;
}

function show(path: string) {
  return renderPiece(
    <ShortcutProvider>
      <MissedPage />
    </ShortcutProvider>,
    { path },
  );
}

describe("missed questions", () => {
  it("say why, and lead to the traces of those who asked", async () => {
    serveMissed(createFakeMissed());
    await show("/evaluations/missed");
    const row = (await screen.findAllByRole("row"))[1] as HTMLElement;
    expect(row).toHaveTextContent(/Do you ship abroad\?2 wordings.*No hits.*Refusal.*2.*3/);
    await userEvent.click(within(row).getByRole("button", { name: "Do you ship abroad?" }));
    const drawer = await screen.findByRole("dialog", { name: "Missed question" });
    expect(drawer).toHaveTextContent("I could not find that.");
    expect(within(drawer).getByRole("link")).toHaveAttribute("href", `/traces/${"a".repeat(32)}`);
  });

  it("become a dataset with one click, of the range that was looked at", async () => {
    serveMissed(createFakeMissed());
    const sent = vi.fn();
    server.use(
      http.post("*/api/v1/evals/missed/dataset", async ({ request }) => {
        sent(await request.json());
        return HttpResponse.json({ dataset: { name: "to-fix" }, added: 2, considered: 3, left_out: {} });
      }),
    );
    const { router } = await show("/evaluations/missed?project=p&env=prod&reason=refusal");
    await userEvent.click(await screen.findByRole("button", { name: "Make a dataset" }));
    await waitFor(() => expect(router.state.location.pathname).toBe("/evaluations/datasets/to-fix"));
    expect(sent).toHaveBeenCalledWith({
      dataset: expect.stringMatching(/^missed-\d{4}-\d\d-\d\d$/),
      since: "2026-01-01T00:00:00Z",
      until: "2026-01-01T01:00:00Z",
      filters: ["environment:eq:prod"],
      reasons: ["refusal"],
      clusters: [],
    });
  });

  it("are asked for by reason, and exported as they are shown", async () => {
    const asked = serveMissed(createFakeMissed());
    await show("/evaluations/missed?service=shop");
    await userEvent.click(await screen.findByRole("button", { name: /^Low score/ }));
    await waitFor(() => expect(asked.at(-1)?.searchParams.getAll("reason")).toEqual(["low_score"]));
    await userEvent.click(screen.getByRole("button", { name: "Export" }));
    const link = await screen.findByRole("menuitem", { name: "CSV", hidden: true });
    const address = new URL(link.getAttribute("href") ?? "", "http://x");
    expect(Object.fromEntries(address.searchParams)).toEqual({
      ...{ since: "2026-01-01T00:00:00Z", until: "2026-01-01T01:00:00Z" },
      ...{ format: "csv", filter: "service:eq:shop", reason: "low_score" },
    });
  });

  it("are told from no data, with what makes a request count as missed", async () => {
    const nothing = { missed: 0, reasons: {}, question_count: 0, questions: [] };
    serveMissed(createFakeMissed({ ...nothing, requests: 0 }));
    const { unmount } = await show("/evaluations/missed");
    expect(await screen.findByRole("heading", { name: "No requests in this time" })).toBeVisible();
    expect(screen.queryByRole("button", { name: "Make a dataset" })).toBeNull();
    unmount();
    serveMissed(createFakeMissed({ ...nothing, requests: 12 }));
    await show("/evaluations/missed");
    expect(await screen.findByRole("heading", { name: "Nothing was missed" })).toBeVisible();
    expect(screen.getByText(/12 requests of this time were looked at/)).toBeVisible();
    expect(screen.getByText(/pitwall.feedback/)).toBeVisible();
  });
});
