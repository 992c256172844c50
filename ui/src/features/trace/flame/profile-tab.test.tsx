import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import type { Profile } from "@/api/trace";
import { createFakeFrame, createFakeProfile } from "@/test/fakes/profile";
import { createFakeSpan, fakeSpanId } from "@/test/fakes/trace";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { ProfileButton } from "./profile-button";
import { ProfileTab } from "./profile-tab";

const FRAMES = [
  createFakeFrame({ function: "serve", file: "asgi.py", self_ms: 0 }),
  createFakeFrame({ function: "handle", depth: 1, self_ms: 0 }),
  createFakeFrame({ function: "ask", file: "llm.py", depth: 2, total_ms: 60, self_ms: 60 }),
  createFakeFrame({ function: "rank", file: "rag.py", depth: 2, offset_ms: 60, total_ms: 40, self_ms: 10 }),
  createFakeFrame({ function: "score", file: "rag.py", depth: 3, offset_ms: 60, total_ms: 30, self_ms: 30 }),
];

async function show(profile: Partial<Profile> = {}, language: "en" | "ko" = "en") {
  const answer = { trace_id: "0".repeat(32), profiles: [createFakeProfile({ frames: FRAMES, ...profile })] };
  server.use(http.get("*/api/v1/traces/:trace/profiles", () => HttpResponse.json(answer)));
  const shown = await renderPiece(<ProfileTab span={createFakeSpan()} />, { language });
  await screen.findByRole("tree");
  return shown;
}

const frameNamed = (name: RegExp) => screen.getByRole("treeitem", { name });
const shownFrames = () =>
  screen.getAllByRole("treeitem").map((item) => item.getAttribute("aria-label")?.split(",")[0]);

describe("ProfileTab", () => {
  it("begins where the time parts, and shows what stands above on request", async () => {
    await show();
    expect(shownFrames()).toEqual(["handle", "ask", "rank", "score"]);
    expect(frameNamed(/^ask/)).toHaveAccessibleName("ask, 60 ms, 60% of the profile");
    expect(
      screen.getByText(/100 ms profiled, 80 ms of it on the processor · 20 samples/),
    ).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "1 frame above that only calls on" }));
    expect(shownFrames()[0]).toBe("serve");
  });

  it("can be gone through by keyboard, in and out", async () => {
    await show();
    await userEvent.tab();
    while (document.activeElement?.getAttribute("role") !== "treeitem") await userEvent.tab();
    expect(document.activeElement).toHaveAccessibleName(/^handle/);
    await userEvent.keyboard("{ArrowDown}{ArrowRight}{ArrowDown}");
    expect(document.activeElement).toHaveAccessibleName(/^score/);
    expect(frameNamed(/^score/)).toHaveAttribute("aria-selected", "true");
    await userEvent.keyboard("{ArrowUp}{Enter}");
    expect(shownFrames()).toEqual(["handle", "rank", "score"]);
    expect(document.activeElement).toHaveAccessibleName(/^rank/);
    await userEvent.keyboard("{Escape}");
    expect(shownFrames()).toEqual(["handle", "ask", "rank", "score"]);
  });

  it("has one frame that Tab reaches", async () => {
    await show();
    expect(screen.getAllByRole("treeitem").filter(({ tabIndex }) => tabIndex === 0)).toHaveLength(1);
  });

  it("tells the time of a chosen frame with and without what it calls", async () => {
    await show();
    await userEvent.click(frameNamed(/^rank/));
    expect(screen.getByText("40 ms (40%)")).toBeInTheDocument();
    expect(screen.getByText("10 ms (10%)")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Zoom to it" }));
    expect(shownFrames()).toEqual(["handle", "rank", "score"]);
    await userEvent.click(screen.getByRole("button", { name: "Whole profile" }));
    expect(shownFrames()).toEqual(["handle", "ask", "rank", "score"]);
  });

  it("finds functions and files, and how much of the time they are", async () => {
    await show();
    await userEvent.type(screen.getByRole("textbox", { name: "Find a function or file" }), "rag.py");
    expect(screen.getByRole("status")).toHaveTextContent("40% of the time");
    expect(frameNamed(/^ask/)).toHaveAttribute("data-dim");
    expect(frameNamed(/^score/)).not.toHaveAttribute("data-dim");
  });

  it("lists functions by their own time; one of them is marked in the graph", async () => {
    await show();
    const rows = within(screen.getByRole("table")).getAllByRole("row").slice(1);
    expect(rows.map((row) => row.textContent)).toEqual([
      "askllm.py60 ms60%",
      "scorerag.py30 ms30%",
      "rankrag.py10 ms10%",
    ]);
    await userEvent.click(screen.getByRole("button", { name: "score" }));
    expect(screen.getByRole("textbox")).toHaveValue("score");
  });

  it("never makes markup of names, and shows control characters", async () => {
    const evil = '<img src=x onerror="alert(1)">\u001b[31m';
    const { container } = await show({ frames: [createFakeFrame({ function: evil })] });
    expect(screen.getByRole("treeitem")).toHaveTextContent('<img src=x onerror="alert(1)">\\x1b[31m');
    expect(container.querySelector("img")).toBeNull();
  });

  it("says what is missing from it", async () => {
    await show({ left_out_ms: 12, unreadable_lines: 2 });
    expect(screen.getByText("12 ms in further stacks is not shown.")).toBeInTheDocument();
    expect(screen.getByText("2 lines of the profile could not be read.")).toBeInTheDocument();
  });

  it("speaks Korean", async () => {
    await show({}, "ko");
    expect(frameNamed(/^ask/)).toHaveAccessibleName("ask, 60 ms, 전체의 60%");
    expect(screen.getByRole("button", { name: "호출만 하는 위쪽 프레임 1개" })).toBeInTheDocument();
  });

  it("says that a profile has been removed", async () => {
    const problem = { title: "Not Found", status: 404, code: "traces.no_profile", detail: "none" };
    server.use(
      http.get("*/api/v1/traces/:trace/profiles", () =>
        HttpResponse.json(problem, {
          status: 404,
          headers: { "content-type": "application/problem+json" },
        }),
      ),
    );
    await renderPiece(<ProfileTab span={createFakeSpan()} />);
    expect(await screen.findByText(/has been removed/)).toBeInTheDocument();
  });
});

describe("ProfileButton", () => {
  it("leads to the span that was profiled", async () => {
    const { router } = await renderPiece(<ProfileButton spanIds={[fakeSpanId(7)]} />, { path: "/traces/x" });
    await userEvent.click(screen.getByRole("button", { name: "Profile" }));
    expect(router.state.location.search).toMatchObject({ span: fakeSpanId(7), tab: "profile" });
  });

  it("is not there without a profile", async () => {
    await renderPiece(<ProfileButton spanIds={[]} />);
    expect(screen.queryByRole("button")).not.toBeInTheDocument();
  });
});
