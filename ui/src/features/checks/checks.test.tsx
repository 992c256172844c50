import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { createFakeCheckItem, createFakeChecklist, createFakeCheckReport } from "@/test/fakes/checks";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { ChecksPage } from "./checks-page";
import { readChecksSearch } from "./search";

const FAILED = createFakeCheckItem({
  ...{ name: "errors", status: "failed", value: 0.12, unit: "ratio" },
  title: { en: "Errors of the last 24 hours", ko: "지난 24시간 오류" },
  detail: { en: "12 % of requests failed.", ko: "요청의 12%가 실패했습니다." },
  todo: { en: "Look at the errors page.", ko: "오류 페이지를 확인하세요." },
});

function answerWith(lists = [createFakeChecklist()], reports = [createFakeCheckReport()]) {
  const asked: (string | null)[] = [];
  server.use(
    http.get("*/api/v1/checks", () => HttpResponse.json({ lists })),
    http.get("*/api/v1/checks/reports", ({ request }) => {
      asked.push(new URL(request.url).searchParams.get("list"));
      return HttpResponse.json({ reports, next_cursor: null });
    }),
  );
  return asked;
}

const weekly = createFakeChecklist({
  name: "weekly",
  title: { en: "Weekly", ko: "주간 점검" },
  last_report: null,
});

describe("ChecksPage", () => {
  it("shows the lists, and of the first its newest report with what to do", async () => {
    const last_report = createFakeCheckReport({
      status: "failed",
      items: [createFakeCheckItem(), FAILED, createFakeCheckItem({ name: "x", status: "skipped" })],
    });
    answerWith([createFakeChecklist({ last_report }), weekly], [last_report]);
    await renderPiece(<ChecksPage />, { path: "/checks" });
    const lists = await screen.findByRole("list", { name: "Checklists" });
    expect(within(lists).getByRole("link", { name: /^Daily ?Failed/ })).toHaveAttribute("aria-current");
    expect(within(lists).getByRole("link", { name: /^Weekly ?Never run/ })).toBeInTheDocument();
    const item = screen.getByText("Errors of the last 24 hours").closest("li");
    expect(item).toHaveTextContent("12 % of requests failed.What to do: Look at the errors page.12%");
    const history = await screen.findByRole("table", { name: "Earlier reports" });
    expect(within(history).getByRole("row", { current: true })).toHaveTextContent(
      "Failed 1 · Skipped 1 · Passed 1",
    );
  });

  it("says of a list that never ran what it is for", async () => {
    const asked = answerWith([createFakeChecklist(), weekly], []);
    await renderPiece(<ChecksPage />, { path: "/checks?list=weekly" });
    expect(await screen.findByText("This list has never run")).toBeInTheDocument();
    expect(screen.getByText("pitwall checks weekly")).toBeInTheDocument();
    expect(await screen.findByText("No reports yet.")).toBeInTheDocument();
    expect(asked).toEqual(["weekly"]);
  });

  it("runs a list, tells people if wanted, and shows what came of it", async () => {
    const lists = [weekly];
    answerWith(lists, []);
    const bodies: unknown[] = [];
    server.use(
      http.post("*/api/v1/checks/weekly/run", async ({ request }) => {
        bodies.push(await request.json());
        const report = createFakeCheckReport({ list: "weekly", status: "warning", notified: true });
        lists[0] = { ...weekly, last_report: report };
        return HttpResponse.json(report);
      }),
    );
    await renderPiece(<ChecksPage />, { path: "/checks" });
    await userEvent.click(await screen.findByRole("checkbox", { name: "Tell people" }));
    await userEvent.click(screen.getByRole("button", { name: "Run now: Weekly" }));
    expect(await screen.findByText("The application answers")).toBeInTheDocument();
    expect(screen.getByText("People told").closest("div")).toHaveTextContent("yes");
    expect(bodies).toEqual([{ notify: true, items: "", settings: {}, variables: {} }]);
  });

  it("says why a list could not be run", async () => {
    answerWith();
    server.use(
      http.post("*/api/v1/checks/daily/run", () =>
        HttpResponse.json({ code: "x", detail: "The key may only read." }, { status: 403 }),
      ),
    );
    await renderPiece(<ChecksPage />, { path: "/checks" });
    await userEvent.click(await screen.findByRole("button", { name: "Run now: Daily" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("The key may only read.");
  });

  it("opens an earlier report and keeps it in the address", async () => {
    const earlier = createFakeCheckReport({ id: "old", at: "2026-01-01T00:00:00Z", items: [FAILED] });
    answerWith([createFakeChecklist()], [createFakeCheckReport(), earlier]);
    server.use(http.get("*/api/v1/checks/reports/old", () => HttpResponse.json(earlier)));
    const { router } = await renderPiece(<ChecksPage />, { path: "/checks" });
    const history = await screen.findByRole("table", { name: "Earlier reports" });
    const link = within(history).getAllByRole("link")[1] as HTMLElement;
    await userEvent.click(link);
    await waitFor(() => expect(router.state.location.search).toMatchObject({ list: "daily", report: "old" }));
    expect(await screen.findByText("Errors of the last 24 hours")).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "To the newest report" })).toBeInTheDocument();
  });

  it("explains a list that does not exist", async () => {
    answerWith();
    await renderPiece(<ChecksPage />, { path: "/checks?list=yearly" });
    expect(await screen.findByText("There is no list “yearly”")).toBeInTheDocument();
  });

  it("speaks Korean", async () => {
    answerWith([createFakeChecklist({ last_report: createFakeCheckReport({ items: [FAILED] }) })]);
    await renderPiece(<ChecksPage />, { path: "/checks", language: "ko" });
    expect(await screen.findByText("지난 24시간 오류")).toBeInTheDocument();
    expect(screen.getByText("오류 페이지를 확인하세요.")).toBeInTheDocument();
  });
});

describe("readChecksSearch", () => {
  it("leaves out what it does not know", () => {
    expect(readChecksSearch({ list: "daily", report: 7, other: 1 })).toEqual({ list: "daily", report: "7" });
    expect(readChecksSearch({ list: {}, report: "" })).toEqual({});
  });
});
