import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { createFakeRun } from "@/test/fakes/evaluations";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { CommandPalette } from "./command-palette";

function serveRuns() {
  const runs = [
    createFakeRun({ id: "run_1", name: "release-2.1" }),
    createFakeRun({ id: "run_2", name: "nightly" }),
  ];
  server.use(
    http.get("*/api/v1/signals", () => HttpResponse.json({ signals: [] })),
    http.get("*/api/v1/incidents", () => HttpResponse.json({ incidents: [], counts: {}, next_cursor: null })),
    http.get("*/api/v1/alerts/rules", () => HttpResponse.json({ rules: [] })),
    http.get("*/api/v1/evals/runs", () => HttpResponse.json({ runs, next_cursor: null })),
  );
}

describe("the command palette", () => {
  it("leads to evaluation runs by their names", async () => {
    serveRuns();
    await renderPiece(<CommandPalette isOpen onClose={() => undefined} />);
    await userEvent.type(await screen.findByRole("combobox"), "release");
    expect(await screen.findByRole("option", { name: /release-2\.1/ })).toBeInTheDocument();
    expect(screen.queryByRole("option", { name: /nightly/ })).toBeNull();
  });
});
