import { createFakeBoard, createFakeTile } from "@/test/fakes/boards";
import { contentOf, differs, type Editing, edited, type Step, slugOf, startEditing } from "./model";

const board = createFakeBoard({ tiles: ["a", "b", "c"].map((signal) => createFakeTile({ signal })) });

function editingAfter(...steps: Step[]): Editing {
  return steps.reduce(edited, startEditing(board));
}

function signals({ draft }: Editing): string[] {
  return draft.tiles.map(({ value }) => value.signal);
}

describe("a board that is edited", () => {
  it("differs only once something changed, and not any more when that is undone", () => {
    expect(differs(editingAfter().draft, board)).toBe(false);
    const removed = editingAfter({ do: "remove", part: "tiles", id: 1 });
    expect(differs(removed.draft, board)).toBe(true);
    expect(differs(edited(removed, { do: "undo" }).draft, board)).toBe(false);
  });

  it("moves a tile to a place, and leaves it where that place is not there", () => {
    expect(signals(editingAfter({ do: "move", part: "tiles", id: 1, to: 2 }))).toEqual(["b", "c", "a"]);
    expect(signals(editingAfter({ do: "move", part: "tiles", id: 3, to: 0 }))).toEqual(["c", "a", "b"]);
    expect(signals(editingAfter({ do: "move", part: "tiles", id: 3, to: 3 }))).toEqual(["a", "b", "c"]);
  });

  it("changes the tile that is meant, also after it moved", () => {
    const editing = editingAfter(
      { do: "move", part: "tiles", id: 1, to: 2 },
      { do: "change", part: "tiles", id: 1, value: createFakeTile({ signal: "z" }) },
    );
    expect(signals(editing)).toEqual(["b", "c", "z"]);
  });

  it("gives a new tile an identity of its own after another board was taken", () => {
    const editing = editingAfter(
      { do: "replace", content: board },
      { do: "add", part: "tiles", value: createFakeTile({ signal: "d" }) },
    );
    expect(new Set(editing.draft.tiles.map(({ id }) => id)).size).toBe(4);
  });

  it("is saved without the identities", () => {
    expect(contentOf(editingAfter().draft, "other")).toEqual({
      name: "other",
      title: board.title,
      description: board.description,
      tiles: board.tiles,
      charts: [],
    });
  });
});

it("makes names for addresses out of titles", () => {
  expect(slugOf("Real time (copy)")).toBe("real_time_copy");
  expect(slugOf("Déjà vu 2")).toBe("de_ja_vu_2");
  expect(slugOf("실시간")).toBe("");
});
