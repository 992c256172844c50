import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { ShortcutProvider } from "@/lib/shortcuts";
import { createFakeErrorDetail, createFakeErrorGroup } from "@/test/fakes/error-groups";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { ErrorPage } from "./error-page";
import { ErrorsPage } from "./errors-page";
import { readErrorsSearch } from "./search";

const GROUPS = "*/api/v1/errors/groups";
const EMPTY = { since: "", until: "", trend_step_seconds: 60, total: 0, groups: [], next_cursor: null };

function answerWith(groups = [createFakeErrorGroup()]) {
  const asked: URLSearchParams[] = [];
  server.use(
    http.get(GROUPS, ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json({ ...EMPTY, total: 12, groups });
    }),
  );
  return asked;
}

describe("ErrorsPage", () => {
  it("lists groups with status, count and change, and links to each", async () => {
    answerWith([createFakeErrorGroup({ status: "regressed" })]);
    await renderPiece(<ErrorsPage />, { path: "/errors?range=24h" });
    const row = (await screen.findByRole("link", { name: "no answer after <n> s" })).closest("tr");
    expect(row).toHaveTextContent("Came back");
    expect(row).toHaveTextContent("Timeout");
    expect(row).toHaveTextContent("+100%6 in the time before");
    expect(
      within(row as HTMLElement)
        .getByRole("link")
        .getAttribute("href"),
    ).toContain("/errors/0123456789abcdef0123456789abcdef?range=24h");
    expect(screen.getByText("12 failures in this time")).toBeInTheDocument();
  });

  it("asks for what the address says, and keeps changes there", async () => {
    const asked = answerWith();
    const path = "/errors?range=7d&service=voc&class=timeout&q=answer&status=new";
    const { router } = await renderPiece(<ErrorsPage />, { path });
    await screen.findByRole("table");
    expect(asked[0]?.get("since")).toBe("now-7d");
    expect(asked[0]?.getAll("filter")).toEqual([
      "service:eq:voc",
      "error_class:eq:timeout",
      "status_message:contains:answer",
    ]);
    expect(asked[0]?.getAll("status")).toEqual(["new"]);
    await userEvent.click(screen.getByRole("checkbox", { name: "Came back" }));
    await waitFor(() => expect(asked.at(-1)?.getAll("status")).toEqual(["new", "regressed"]));
    expect(router.state.location.search).toMatchObject({ status: ["new", "regressed"], service: "voc" });
  });

  it("goes from row to row with arrow keys and with j and k", async () => {
    const other = createFakeErrorGroup({ id: "f".repeat(32), message: "second" });
    answerWith([createFakeErrorGroup(), other]);
    await renderPiece(
      <ShortcutProvider>
        <ErrorsPage />
      </ShortcutProvider>,
      { path: "/errors" },
    );
    const first = await screen.findByRole("link", { name: "no answer after <n> s" });
    first.focus();
    await userEvent.keyboard("{ArrowDown}");
    expect(screen.getByRole("link", { name: "second" })).toHaveFocus();
    await userEvent.keyboard("{ArrowUp}");
    expect(first).toHaveFocus();
    await userEvent.keyboard("j");
    expect(screen.getByRole("link", { name: "second" })).toHaveFocus();
    await userEvent.keyboard("k");
    expect(first).toHaveFocus();
  });

  it("says so when there are none, and when filters hide them", async () => {
    answerWith([]);
    await renderPiece(<ErrorsPage />, { path: "/errors" });
    expect(await screen.findByText("No errors in this time")).toBeInTheDocument();
  });

  it("offers the way out of filters without hits", async () => {
    answerWith([]);
    const { router } = await renderPiece(<ErrorsPage />, { path: "/errors?q=nothing" });
    await userEvent.click(await screen.findByRole("button", { name: "Show all" }));
    await waitFor(() => expect(router.state.location.search).not.toHaveProperty("q"));
  });

  it("brings further groups on demand", async () => {
    const asked: (string | null)[] = [];
    server.use(
      http.get(GROUPS, ({ request }) => {
        const cursor = new URL(request.url).searchParams.get("cursor");
        asked.push(cursor);
        const groups = [createFakeErrorGroup({ id: cursor ?? "first", message: cursor ?? "first" })];
        return HttpResponse.json({ ...EMPTY, total: 2, groups, next_cursor: cursor ? null : "second" });
      }),
    );
    await renderPiece(<ErrorsPage />, { path: "/errors" });
    await userEvent.click(await screen.findByRole("button", { name: "Show more" }));
    expect(await screen.findByRole("link", { name: "second" })).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "first" })).toBeInTheDocument();
    expect(asked).toEqual([null, "second"]);
  });

  it("shows what the server says when it refuses", async () => {
    server.use(
      http.get(GROUPS, () =>
        HttpResponse.json(
          { code: "x", detail: "The range is too long.", hint: "Ask less." },
          { status: 422 },
        ),
      ),
    );
    await renderPiece(<ErrorsPage />, { path: "/errors" });
    expect(await screen.findByRole("alert")).toHaveTextContent("The range is too long.Ask less.");
  });

  it("speaks Korean", async () => {
    answerWith([createFakeErrorGroup({ status: "new" })]);
    await renderPiece(<ErrorsPage />, { path: "/errors", language: "ko" });
    expect(await screen.findByRole("table", { name: "오류" })).toHaveTextContent("신규");
  });
});

describe("ErrorPage", () => {
  it("shows splits, samples and the stack, each with the way to the span", async () => {
    server.use(http.get(`${GROUPS}/:id`, () => HttpResponse.json(createFakeErrorDetail())));
    await renderPiece(<ErrorPage id="0123456789abcdef0123456789abcdef" />, { path: "/errors/x" });
    expect(await screen.findByRole("row", { name: /1\.1 9 75%/ })).toBeInTheDocument();
    const samples = screen.getByRole("table", { name: "Newest failures" });
    const link = within(samples).getByRole("link").getAttribute("href") ?? "";
    expect(link).toContain("/traces/4bf92f3577b34da6a3ce929d0e0e4736?");
    expect(link).toContain("00000000000000aa");
    expect(screen.getByText("File a.py")).toBeInTheDocument();
    const traces = screen.getByRole("link", { name: "Traces like these" }).getAttribute("href") ?? "";
    expect(new URL(traces, "http://x").searchParams.get("filter")).toBe(
      '["status:eq:error","error_class:eq:timeout","error_type:eq:ReadTimeout","service:eq:voc-chat"]',
    );
  });

  it("says that the samples are older when the range has none", async () => {
    const detail = createFakeErrorDetail({ count: 0, status: "quiet", stack: null });
    server.use(http.get(`${GROUPS}/:id`, () => HttpResponse.json(detail)));
    await renderPiece(<ErrorPage id={detail.id} />, { path: "/errors/x" });
    expect(await screen.findByText("none in this time; these came before")).toBeInTheDocument();
    expect(screen.getByText(/No sample carries a stack/)).toBeInTheDocument();
  });

  it("explains an id that nobody knows", async () => {
    server.use(
      http.get(`${GROUPS}/:id`, () => HttpResponse.json({ code: "x", detail: "Unknown." }, { status: 404 })),
    );
    await renderPiece(<ErrorPage id="zzz" />, { path: "/errors/zzz" });
    expect(await screen.findByText("This error is not here")).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "All errors" })).toBeInTheDocument();
  });
});

describe("readErrorsSearch", () => {
  it("leaves out what it does not know", () => {
    expect(readErrorsSearch({ status: ["new", "x", 3], class: "nope", q: 404 })).toEqual({
      status: ["new"],
      q: "404",
    });
    expect(readErrorsSearch({ status: null, q: "" })).toEqual({});
  });
});
