import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { createFakeSpan, createFakeTrace, createFakeTreeSpan, fakeSpanId } from "@/test/fakes/trace";
import { pretendLayout } from "@/test/layout";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { ComparePage } from "./compare-page";

const [LEFT, RIGHT] = ["a".repeat(32), "b".repeat(32)];

function serveBoth(): void {
  const make = (trace_id: string, duration_ms: number, model: string, answer: string) => ({
    trace: createFakeTrace({
      trace_id,
      spans: [
        createFakeTreeSpan({ span_id: fakeSpanId(1), name: "root", child_count: 1, duration_ms }),
        createFakeTreeSpan({
          ...{
            span_id: fakeSpanId(2),
            name: `chat ${model}`,
            kind: "llm",
            depth: 1,
            duration_ms: duration_ms / 2,
          },
          output_preview: answer,
        }),
      ],
    }),
    span: createFakeSpan({ trace_id, input: "same question", output: answer }),
  });
  const known = {
    [LEFT]: make(LEFT, 1000, "qwen", "It takes 3 days."),
    [RIGHT]: make(RIGHT, 1500, "gpt", "It takes 5 days."),
  };
  server.use(
    http.get("*/api/v1/traces/:trace", ({ params }) =>
      HttpResponse.json(known[params.trace as string]?.trace),
    ),
    http.get("*/api/v1/traces/:trace/spans/:span", ({ params }) =>
      HttpResponse.json(known[params.trace as string]?.span),
    ),
  );
}

describe("ComparePage", () => {
  pretendLayout();

  it("shows totals with differences, paired spans and what was said differently", async () => {
    serveBoth();
    await renderPiece(<ComparePage />, { path: `/compare?left=${LEFT}&right=${RIGHT}` });
    const duration = await screen.findByRole("row", { name: /^Duration/ });
    expect(duration).toHaveTextContent("Duration1 s1.5 s+500 ms+50%");
    expect(screen.getByText("chat qwen → chat gpt")).toBeInTheDocument();
    const diff = await screen.findByRole("region", { name: "Difference" });
    expect(within(diff).getByText("3").tagName).toBe("DEL");
    expect(within(diff).getByText("5").tagName).toBe("INS");
    expect(screen.getByText("Both texts are the same.")).toBeInTheDocument();
  });

  it("asks for ids and refuses what is none", async () => {
    const { router } = await renderPiece(<ComparePage />, { path: `/compare?left=${LEFT}` });
    serveBoth();
    const right = screen.getByRole("textbox", { name: "Right" });
    await userEvent.type(right, "nope");
    expect(screen.getByText("A trace id has 32 hexadecimal digits.")).toBeInTheDocument();
    await userEvent.clear(right);
    await userEvent.type(right, RIGHT);
    await userEvent.click(screen.getByRole("button", { name: "Compare" }));
    await waitFor(() => expect(router.state.location.search).toMatchObject({ left: LEFT, right: RIGHT }));
  });
});
