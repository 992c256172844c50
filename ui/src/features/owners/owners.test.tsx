import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { createFakeSession, createFakeTurn, createFakeUser } from "@/test/fakes/owners";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { SessionPage } from "./session-page";
import { SessionsPage } from "./sessions-page";
import { UserPage } from "./user-page";
import { UsersPage } from "./users-page";

describe("SessionsPage", () => {
  it("lists sessions of the range, and links to each whatever its id holds", async () => {
    const id = "팀/고객 #3?&x=%2F";
    server.use(
      http.get("*/api/v1/sessions", ({ request }) => {
        const query = new URL(request.url).searchParams;
        expect(query.get("since")).toBe("now-24h");
        expect(query.getAll("filter")).toEqual(["service:eq:voc"]);
        return HttpResponse.json({
          sessions: [createFakeSession({ session_id: id, error_count: 3 })],
          next_cursor: null,
        });
      }),
    );
    await renderPiece(<SessionsPage />, { path: "/sessions?range=24h&service=voc" });
    const link = await screen.findByRole("link", { name: id });
    expect(link.getAttribute("href")).toContain(`/sessions/${encodeURIComponent(id)}?`);
    expect(screen.getByRole("row", { name: /고객/ })).toHaveTextContent("3failed");
    const traces = screen.getByRole("link", { name: "Traces" });
    const target = new URL(traces.getAttribute("href") ?? "", "http://x").searchParams;
    expect(target.get("filter")).toBe(JSON.stringify([`session_id:eq:${id}`]));
    expect(target.get("since")).toBe("2026-01-01T00:00:00.000Z");
  });

  it("sorts by a column and keeps that in the address", async () => {
    const sorts: (string | null)[] = [];
    server.use(
      http.get("*/api/v1/sessions", ({ request }) => {
        sorts.push(new URL(request.url).searchParams.get("sort"));
        return HttpResponse.json({ sessions: [createFakeSession()], next_cursor: null });
      }),
    );
    const { router } = await renderPiece(<SessionsPage />, { path: "/sessions" });
    await userEvent.click(await screen.findByRole("button", { name: "Cost" }));
    await waitFor(() => expect(sorts).toEqual(["last_at", "cost_usd"]));
    expect(router.state.location.search).toMatchObject({ sort: "cost_usd" });
    expect(screen.getByRole("columnheader", { name: "Cost" })).toHaveAttribute("aria-sort", "descending");
  });

  it("fetches further pages", async () => {
    server.use(
      http.get("*/api/v1/sessions", ({ request }) => {
        const isSecond = new URL(request.url).searchParams.get("cursor") === "next";
        const session_id = isSecond ? "second" : "first";
        return HttpResponse.json({
          sessions: [createFakeSession({ session_id })],
          next_cursor: isSecond ? null : "next",
        });
      }),
    );
    await renderPiece(<SessionsPage />, { path: "/sessions" });
    expect(await screen.findByRole("link", { name: "second" })).toBeInTheDocument();
    expect(screen.getByText("2 rows")).toBeInTheDocument();
  });

  it("explains an empty list and leads on", async () => {
    server.use(http.get("*/api/v1/sessions", () => HttpResponse.json({ sessions: [], next_cursor: null })));
    const { router } = await renderPiece(<SessionsPage />, {
      path: "/sessions?since=2090-01-01T00:00:00Z&until=2090-01-02T00:00:00Z",
    });
    expect(await screen.findByText("This time has not come yet")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Look at the last 7 days" }));
    await waitFor(() => expect(router.state.location.search).toMatchObject({ range: "7d" }));
    expect(await screen.findByText("No sessions in this time")).toBeInTheDocument();
  });
});

describe("UsersPage", () => {
  it("says what failed when the server does not answer", async () => {
    server.use(http.get("*/api/v1/users", () => HttpResponse.error()));
    await renderPiece(<UsersPage />, { path: "/users" });
    expect(await screen.findByText("The server does not answer")).toBeInTheDocument();
  });
});

describe("SessionPage", () => {
  it("shows the requests in their order, the newest last", async () => {
    const turns = [
      createFakeTurn({ trace_id: "b".repeat(32), input_preview: "second question" }),
      createFakeTurn({ trace_id: "a".repeat(32), input_preview: "first question", output_preview: null }),
    ];
    server.use(
      http.get("*/api/v1/sessions/:id", ({ params }) => {
        expect(params.id).toBe("a/b");
        return HttpResponse.json({
          ...createFakeSession({ session_id: "a/b" }),
          scores: [],
          traces: [],
          has_more_traces: false,
        });
      }),
      http.get("*/api/v1/traces", ({ request }) => {
        expect(new URL(request.url).searchParams.getAll("filter")).toEqual(["session_id:eq:a/b"]);
        return HttpResponse.json({ level: "trace", traces: turns, next_cursor: null });
      }),
    );
    await renderPiece(<SessionPage sessionId="a/b" />);
    const [first, second] = await screen.findAllByRole("article");
    expect(within(first as HTMLElement).getByText("first question")).toBeInTheDocument();
    expect(first).toHaveTextContent("No text was sent.");
    expect(within(second as HTMLElement).getByText("second question")).toBeInTheDocument();
  });

  it("explains a session nobody knows", async () => {
    server.use(
      http.get("*/api/v1/sessions/:id", () =>
        HttpResponse.json({ code: "traces.owner_not_found", detail: "no" }, { status: 404 }),
      ),
    );
    await renderPiece(<SessionPage sessionId="nobody" />);
    expect(await screen.findByText("This session is not here")).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "All sessions" })).toHaveAttribute("href", "/sessions");
  });
});

describe("UserPage", () => {
  it("shows sessions and traces of the user", async () => {
    server.use(
      http.get("*/api/v1/users/:id", () =>
        HttpResponse.json({ ...createFakeUser(), scores: [], traces: [], has_more_traces: false }),
      ),
      http.get("*/api/v1/sessions", ({ request }) => {
        expect(new URL(request.url).searchParams.getAll("filter")).toEqual(["user_id:eq:user-1"]);
        return HttpResponse.json({ sessions: [createFakeSession()], next_cursor: null });
      }),
      http.get("*/api/v1/traces", () =>
        HttpResponse.json({ level: "trace", traces: [createFakeTurn()], next_cursor: null }),
      ),
    );
    await renderPiece(<UserPage userId="user-1" />);
    expect(await screen.findByRole("link", { name: "session-1" })).toBeInTheDocument();
    expect(await screen.findByRole("link", { name: "POST /voc/chat" })).toBeInTheDocument();
  });
});
