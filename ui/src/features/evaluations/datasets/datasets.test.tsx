import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { createFakeDataset, createFakeExample, createFakeVersion } from "@/test/fakes/evaluations";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { DatasetPage } from "./dataset-page";
import { DatasetsPage } from "./datasets-page";

function serve(version = createFakeVersion()) {
  server.use(
    http.get("*/api/v1/datasets", () =>
      HttpResponse.json({ datasets: [createFakeDataset()], next_cursor: null }),
    ),
    http.get("*/api/v1/datasets/voc", () => HttpResponse.json({ ...createFakeDataset(), version })),
    http.get("*/api/v1/datasets/voc/versions", () =>
      HttpResponse.json({
        versions: [version, createFakeVersion({ id: "v1", number: 1 })],
        next_cursor: null,
      }),
    ),
    http.get("*/api/v1/datasets/voc/examples", () =>
      HttpResponse.json({
        version,
        examples: [
          createFakeExample(),
          createFakeExample({
            position: 1,
            id: "q1",
            question: "Where is the shop?",
            trace_id: "f".repeat(32),
          }),
        ],
        next_cursor: null,
      }),
    ),
    http.get("*/api/v1/evals/metrics", () =>
      HttpResponse.json({ metrics: [], problems: [], presets: {}, modes: {} }),
    ),
  );
}

describe("DatasetsPage", () => {
  it("imports a file and tells what was left out", async () => {
    serve();
    let asked: URL | undefined;
    server.use(
      http.post("*/api/v1/datasets", ({ request }) => {
        asked = new URL(request.url);
        const skipped = [
          {
            ...{ file: "voc.csv", sheet: null, line: 3, row: null, example: 2, field: "question" },
            ...{ code: "missing_question", text: { en: "There is no question.", ko: "질문이 없습니다." } },
          },
        ];
        const version = createFakeVersion();
        return HttpResponse.json({
          ...{ dataset: createFakeDataset(), version, is_new: true, skipped, skipped_count: 1 },
        });
      }),
    );
    await renderPiece(<DatasetsPage />, { path: "/evaluations/datasets" });
    expect(await screen.findByRole("row", { name: /voc/ })).toHaveTextContent("reference50%");
    await userEvent.click(screen.getByRole("button", { name: "Import" }));
    const dialog = await screen.findByRole("dialog");
    const input = document.querySelector<HTMLInputElement>("input[type=file]");
    await userEvent.upload(input as HTMLInputElement, new File(["question\nWhy?"], "voc.csv"));
    await userEvent.click(within(dialog).getByRole("button", { name: "Import" }));
    expect(await screen.findByText("voc@2 holds 10 examples.")).toBeInTheDocument();
    expect(screen.getByText("There is no question.")).toBeInTheDocument();
    // The bytes themselves are looked at with a browser: jsdom's files are none that `fetch` could send.
    expect(asked?.searchParams.get("file")).toBe("voc.csv");
  });
});

describe("DatasetPage", () => {
  it("shows the examples, finds among them and leads to their traces", async () => {
    serve();
    const { router } = await renderPiece(<DatasetPage name="voc" />, { path: "/evaluations/datasets/voc" });
    await userEvent.click(await screen.findByRole("button", { name: "When do I get my money back?" }));
    expect(await screen.findByRole("dialog")).toHaveTextContent("Within 7 days.");
    await userEvent.keyboard("{Escape}");
    await waitFor(() => expect(router.state.location.search).not.toHaveProperty("example"));
    await userEvent.type(await screen.findByLabelText("Find in the loaded examples"), "shop");
    await waitFor(() => expect(screen.queryByText("When do I get my money back?")).toBeNull());
    expect(screen.getByRole("link", { name: "Trace" }).getAttribute("href")).toContain(
      `/traces/${"f".repeat(32)}`,
    );
  });

  it("leads back to the traces that a version was made of", async () => {
    const source = { kind: "traces", filters: ["status:eq:error"], text: "refund", since: "now-24h" };
    serve(createFakeVersion({ source }));
    await renderPiece(<DatasetPage name="voc" />, { path: "/evaluations/datasets/voc" });
    const link = await screen.findByRole("link", { name: "Traces" });
    const target = new URL(link.getAttribute("href") ?? "", "http://x").searchParams;
    expect(target.get("filter")).toBe('["status:eq:error"]');
    expect(target.get("q")).toBe("refund");
  });
});
