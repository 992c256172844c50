import { screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import type { BoardContent } from "@/api/boards";
import type { Question } from "@/api/signals";
import { createFakeBoard, createFakeTile } from "@/test/fakes/boards";
import { createFakeAnswer, createFakeAnswers, createFakeSignal } from "@/test/fakes/signals";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { BoardEditor } from "./board-editor";

const signals = [
  createFakeSignal(),
  createFakeSignal({
    name: "llm.tokens",
    title: { en: "Tokens", ko: "토큰" },
    description: { en: "All.", ko: "" },
  }),
  createFakeSignal({ name: "llm.share", title: { en: "Share by model", ko: "" }, value: "share(model)" }),
];
const board = createFakeBoard({
  tiles: [createFakeTile(), createFakeTile({ signal: "llm.tokens" })],
});

type Saved = BoardContent & { revision: string | null };

/** A server that saves boards; `refuse` answers in its place, and the bodies it got are returned. */
function serve(refuse: (saved: Saved) => { status: number; body: object } | null = () => null) {
  const saved: Saved[] = [];
  server.use(
    http.get("*/api/v1/boards", () => HttpResponse.json({ boards: [board] })),
    http.get("*/api/v1/signals", () => HttpResponse.json({ signals })),
    http.get("*/api/v1/incidents", () =>
      HttpResponse.json({
        incidents: [],
        counts: { open: 0, acknowledged: 0, resolved: 0 },
        next_cursor: null,
      }),
    ),
    http.get("*/api/v1/changes", () => HttpResponse.json({ changes: [], since: "", until: "" })),
    http.post("*/api/v1/signals/query", async ({ request }) => {
      const { queries } = (await request.json()) as { queries: Question[] };
      return HttpResponse.json(createFakeAnswers(queries, () => createFakeAnswer()));
    }),
    http.put("*/api/v1/boards/:name", async ({ request }) => {
      const body = (await request.json()) as Saved;
      const refusal = refuse(body);
      if (refusal) return HttpResponse.json(refusal.body, { status: refusal.status });
      saved.push(body);
      return HttpResponse.json({ ...board, ...body, revision: "r2" });
    }),
  );
  return saved;
}

async function show() {
  const path = "/?board=real_time&edit=true";
  return renderPiece(<BoardEditor original={board} boards={[board]} isNew={false} />, { path });
}

const tiles = async () =>
  within(await screen.findByRole("list", { name: "Tiles" }))
    .getAllByRole("group")
    .map((group) => group.getAttribute("aria-label"));

describe("the editor of boards", () => {
  it("adds a tile from the catalogue, without signals that are no single number", async () => {
    const saved = serve();
    await show();
    await userEvent.click(await screen.findByRole("button", { name: "Add a tile" }));
    expect(await screen.findByText("Number of requests.")).toBeVisible();
    expect(screen.queryByText("Share by model")).toBeNull();
    await userEvent.type(screen.getByRole("textbox", { name: "Search the catalogue" }), "number req");
    const catalogue = within(screen.getByRole("list", { name: "Signals" }));
    expect(catalogue.getAllByRole("button")).toHaveLength(1);
    await userEvent.click(catalogue.getByRole("button", { name: /Requests/ }));
    expect(await tiles()).toEqual(["Requests", "Tokens", "Requests"]);
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(saved).toHaveLength(1));
    expect(saved[0]).toMatchObject({ revision: "r1", name: "real_time" });
    expect(saved[0]?.tiles.map(({ signal }) => signal)).toEqual([
      "requests.count",
      "llm.tokens",
      "requests.count",
    ]);
  });

  it("arranges by keyboard and says where things went", async () => {
    serve();
    await show();
    const handle = await screen.findByRole("button", { name: "Tokens: move with the arrow keys" });
    handle.focus();
    await userEvent.keyboard("{ArrowLeft}");
    expect(await tiles()).toEqual(["Tokens", "Requests"]);
    expect(screen.getByText("Tokens is now 1 of 2.")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Undo" }));
    expect(await tiles()).toEqual(["Requests", "Tokens"]);
  });

  it("changes the time and the condition of a tile", async () => {
    const saved = serve();
    await show();
    await userEvent.click(await screen.findByRole("button", { name: "Tokens: change" }));
    await userEvent.type(await screen.findByRole("textbox", { name: "Condition" }), "service = 'chat'");
    await userEvent.click(screen.getByRole("combobox", { name: "Time" }));
    await userEvent.click(await screen.findByRole("option", { name: "today" }));
    await userEvent.click(screen.getByRole("button", { name: "Apply" }));
    await userEvent.click(await screen.findByRole("button", { name: "Save" }));
    await waitFor(() => expect(saved).toHaveLength(1));
    expect(saved[0]?.tiles[1]).toEqual({
      signal: "llm.tokens",
      title: null,
      last: "today",
      where: "service = 'chat'",
    });
  });

  it("offers both choices when somebody else saved meanwhile", async () => {
    const detail = "kim saved the board 'real_time' in the meantime.";
    const saved = serve(({ revision }) =>
      revision === null ? null : { status: 409, body: { code: "board.changed", detail } },
    );
    await show();
    await userEvent.click(await screen.findByRole("button", { name: "Tokens: remove" }));
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText(detail)).toBeVisible();
    expect(screen.getByRole("button", { name: "Take theirs" })).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Save mine" }));
    await waitFor(() => expect(saved).toHaveLength(1));
    expect(saved[0]).toMatchObject({ revision: null });
  });

  it("shows at the tile what the server refused", async () => {
    const text = { en: "Tile 2: the condition does not fit", ko: "" };
    serve(() => ({
      status: 422,
      body: { code: "board.invalid", detail: text.en, details: { problems: [{ where: "tiles.1", text }] } },
    }));
    await show();
    await userEvent.click(await screen.findByRole("button", { name: "Requests: remove" }));
    await userEvent.click(screen.getByRole("button", { name: "Undo" }));
    await userEvent.type(screen.getByRole("textbox", { name: "Title" }), "!");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    const list = screen.getByRole("list", { name: "Tiles" });
    expect(await within(list).findByText(text.en)).toBeVisible();
  });

  it("asks before changes are lost, but not for another range", async () => {
    serve();
    const { router } = await show();
    await userEvent.click(await screen.findByRole("button", { name: "Tokens: remove" }));
    void router.navigate({ to: "/", search: { board: "real_time", edit: true, range: "24h" } as never });
    await waitFor(() => expect(router.state.location.search).toMatchObject({ range: "24h" }));
    expect(screen.queryByText("Changes are not saved")).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
    expect(await screen.findByText("Changes are not saved")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Keep editing" }));
    expect(await tiles()).toEqual(["Requests"]);
  });
});
