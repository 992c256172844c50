import { screen, waitFor } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { createFakeBoard } from "@/test/fakes/boards";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { YamlDialog } from "./yaml-dialog";

const board = createFakeBoard();

function serveYaml() {
  server.use(
    http.get("*/api/v1/boards/real_time/yaml", () =>
      HttpResponse.json({ yaml: "name: real_time\ntiles: []\n" }),
    ),
  );
}

describe("a board as YAML", () => {
  it("is only looked at where nobody edits", async () => {
    serveYaml();
    await renderPiece(<YamlDialog board={board} isOpen onClose={() => undefined} />);
    expect(await screen.findByRole("textbox", { name: "Board as YAML" })).toHaveAttribute("readonly");
    expect(screen.queryByRole("button", { name: "Apply" })).toBeNull();
  });

  it("says at which line something is wrong, and applies what is right", async () => {
    serveYaml();
    const onApply = vi.fn();
    server.use(
      http.post("*/api/v1/boards/parse", async ({ request }) => {
        const { yaml } = (await request.json()) as { yaml: string };
        if (!yaml.includes("wrong")) return HttpResponse.json({ board: { ...board, tiles: [] } });
        const problems = [{ line: 3, where: "tiles", message: "there is no signal wrong" }];
        return HttpResponse.json(
          { code: "board.invalid", detail: "Line 3", details: { line: 3, problems } },
          { status: 422 },
        );
      }),
    );
    await renderPiece(<YamlDialog board={board} isOpen onClose={() => undefined} onApply={onApply} />);
    const area = await screen.findByRole("textbox", { name: "Board as YAML" });
    await userEvent.type(area, "wrong");
    await userEvent.click(screen.getByRole("button", { name: "Apply" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("Line 3 there is no signal wrong");
    expect(area).toBeInvalid();
    await userEvent.type(area, "{Backspace}{Backspace}{Backspace}{Backspace}{Backspace}");
    await userEvent.click(screen.getByRole("button", { name: "Apply" }));
    await waitFor(() => expect(onApply).toHaveBeenCalledWith(expect.objectContaining({ tiles: [] })));
  });
});
