import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { createFakeDataset, createFakeVersion } from "@/test/fakes/evaluations";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { DatasetButton } from "./dataset-button";

describe("DatasetButton", () => {
  it("makes conversations of sessions, and says why others are none", async () => {
    let asked: unknown;
    server.use(
      http.post("*/api/v1/datasets/from-traces", async ({ request }) => {
        asked = await request.json();
        return HttpResponse.json({
          ...{ dataset: createFakeDataset({ name: "talks" }), version: createFakeVersion(), is_new: true },
          ...{ considered: 5, added: 2, left_out: { one_turn: 3 } },
        });
      }),
    );
    const question = { filters: ["status:eq:error"], q: "", since: "now-1h", until: undefined };
    await renderPiece(<DatasetButton question={question as never} />, { path: "/traces" });
    await userEvent.click(await screen.findByRole("button", { name: "Dataset from these traces" }));
    await userEvent.click(screen.getByLabelText("Each session, as a conversation"));
    await userEvent.type(screen.getByRole("textbox", { name: /^Dataset/ }), "talks");
    expect(screen.getByLabelText("Sessions at most, the newest")).toHaveValue("200");
    await userEvent.click(screen.getByRole("button", { name: "Make" }));
    expect(await screen.findByRole("status")).toHaveTextContent("2 conversations are in talks now.");
    expect(screen.getByText("Sessions of one turn: 3")).toBeInTheDocument();
    expect(asked).toMatchObject({ dataset: "talks", by: "session", turns: 20, filters: ["status:eq:error"] });
  });
});
