import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { delay, HttpResponse, http } from "msw";
import { createFakeRun } from "@/test/fakes/evaluations";
import { createFakeSignal } from "@/test/fakes/signals";
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

  it("waits for what is on its way when Enter comes first", async () => {
    serveRuns();
    server.use(
      http.get("*/api/v1/signals", async () => {
        await delay(200);
        return HttpResponse.json({ signals: [createFakeSignal({ name: "errors.rate" })] });
      }),
    );
    const { router } = await renderPiece(<CommandPalette isOpen onClose={() => undefined} />);
    await userEvent.type(await screen.findByRole("combobox"), "errors rate{Enter}");
    await waitFor(() => expect(router.state.location.pathname).toBe("/signals/errors.rate"));
  });

  it("leads to a page at once, whatever is on its way", async () => {
    serveRuns();
    server.use(http.get("*/api/v1/signals", () => new Promise<never>(() => undefined)));
    const { router } = await renderPiece(<CommandPalette isOpen onClose={() => undefined} />);
    await userEvent.type(await screen.findByRole("combobox"), "settings{Enter}");
    await waitFor(() => expect(router.state.location.pathname).toBe("/settings"));
  });

  it("keeps what was chosen by arrows when more arrives before it", async () => {
    serveRuns();
    server.use(
      http.get("*/api/v1/signals", async () => {
        await delay(200);
        return HttpResponse.json({ signals: [createFakeSignal({ name: "release.rate" })] });
      }),
    );
    await renderPiece(<CommandPalette isOpen onClose={() => undefined} />);
    await userEvent.type(await screen.findByRole("combobox"), "release");
    await screen.findByRole("option", { name: /release-2\.1/ });
    await userEvent.keyboard("{ArrowDown}");
    expect(await screen.findByRole("option", { name: /release\.rate/ })).toBeInTheDocument();
    expect(screen.getByRole("option", { selected: true })).toHaveTextContent(/Traces with/);
  });
});
