import { screen } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { createFakeIncidentRow } from "@/test/fakes/incidents";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { SideBar } from "./side-bar";

function serve(open: number, acknowledged: number) {
  server.use(
    http.get("*/api/v1/incidents", () =>
      HttpResponse.json({
        incidents: [createFakeIncidentRow()],
        counts: { open, acknowledged, resolved: 9 },
        next_cursor: null,
      }),
    ),
  );
}

describe("the side bar", () => {
  it("counts the incidents that are not over", async () => {
    serve(2, 1);
    await renderPiece(<SideBar isNarrow={false} onToggle={() => undefined} />);
    expect(await screen.findByText("3 open incidents")).toBeInTheDocument();
  });

  it("says nothing while none is open", async () => {
    serve(0, 0);
    const { queryClient } = await renderPiece(<SideBar isNarrow={false} onToggle={() => undefined} />);
    await vi.waitFor(() => expect(queryClient.isFetching()).toBe(0));
    expect(screen.queryByText(/open incident/)).toBeNull();
  });
});
