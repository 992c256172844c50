import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { MessagePart, RetrievedDocument } from "@/api/trace";
import { createFakeSpan, createFakeTrace } from "@/test/fakes/trace";
import { renderPiece } from "@/test/render";
import { AttributesTab } from "./attributes";
import { ConversationTab } from "./conversation";
import { DocumentsTab } from "./documents";
import { LogsTab } from "./logs";

const part = (overrides: Partial<MessagePart>): MessagePart => ({
  ...{ type: "text", text: null, tool_name: null, tool_call_id: null, arguments: null },
  ...{ media_type: null, bytes: null },
  ...overrides,
});

const message = (role: string, side: "input" | "output", parts: MessagePart[]) => ({
  ...{ role, side, parts, name: null, omitted_parts: 0, omitted_before: 0 },
});

const document = (overrides: Partial<RetrievedDocument>): RetrievedDocument => ({
  ...{ id: null, score: null, rank: 1, rank_before: null, title: null, source: null, text: null },
  ...overrides,
});

describe("conversation", () => {
  it("shows roles, tool calls with arguments, results, files and folded reasoning", async () => {
    const call = part({ type: "tool_call", tool_name: "lookup", tool_call_id: "c1", arguments: '{"id":7}' });
    const conversation = {
      messages: [
        message("user", "input", [
          part({ text: "Where is it?" }),
          part({ type: "image", media_type: "image/png", bytes: 2048 }),
        ]),
        message("tool", "input", [part({ type: "tool_result", tool_call_id: "c1", text: "shipped" })]),
        message("assistant", "output", [part({ type: "reasoning", text: "Look it up." }), call]),
      ],
      tools: [{ name: "lookup", description: "Find an order" }],
    };
    await renderPiece(<ConversationTab span={createFakeSpan({ conversation })} />);
    const [user, tool, assistant] = screen.getAllByRole("article");
    expect(user).toHaveTextContent("UserWhere is it?");
    expect(user).toHaveTextContent("Image · image/png · 2 KiB");
    expect(tool).toHaveTextContent("Result of a tool");
    expect(assistant).toHaveTextContent('"id": 7');
    expect(
      within(assistant as HTMLElement)
        .getByText("Look it up.")
        .closest("details"),
    ).not.toHaveAttribute("open");
    expect(screen.getByText("1 tool on offer")).toBeInTheDocument();
  });

  it("never makes markup of what was said", async () => {
    const evil = '<img src=x onerror="alert(1)"> [a](javascript:alert(1)) **b**';
    const conversation = { messages: [message("<b>odd</b>", "input", [part({ text: evil })])], tools: [] };
    const { container } = await renderPiece(<ConversationTab span={createFakeSpan({ conversation })} />);
    expect(screen.getByText(evil)).toBeInTheDocument();
    expect(screen.getByText("<b>odd</b>")).toBeInTheDocument();
    expect(container.querySelector("img, a, b, strong")).toBeNull();
  });

  it("tells removed texts from texts that were never sent", async () => {
    await renderPiece(<ConversationTab span={createFakeSpan({ absent_texts: ["input"] })} />);
    expect(screen.getByText(/have been removed/)).toBeInTheDocument();
  });

  it("shows input and output of other spans, JSON set out", async () => {
    await renderPiece(<ConversationTab span={createFakeSpan({ input: '{"a":1}', output: "fine" })} />);
    expect(screen.getByText(/"a": 1/)).toBeInTheDocument();
    expect(screen.getByText("fine")).toBeInTheDocument();
  });
});

describe("documents", () => {
  it("shows how a rerank moved them", async () => {
    const retrieved = [
      document({ rank: 1, rank_before: 3, title: "Refunds", score: 0.9, text: "Five days." }),
      document({ rank: 2, rank_before: 1, title: "Delivery", score: 0.4 }),
    ];
    await renderPiece(<DocumentsTab span={createFakeSpan({ retrieved })} />);
    const [first, second] = screen.getAllByRole("listitem");
    expect(first).toHaveTextContent("↑2rank 3 before the rerankRefunds0.9");
    expect(first).toHaveTextContent("Five days.");
    expect(second).toHaveTextContent("↓1");
  });
});

describe("attributes", () => {
  it("finds keys and values", async () => {
    const span = createFakeSpan({
      attributes: { "gen_ai.request.model": "qwen", "http.route": "/chat" },
      resource_attributes: { "host.name": "gpu-03" },
    });
    await renderPiece(<AttributesTab span={span} />);
    await userEvent.type(screen.getByRole("textbox", { name: "Find in keys and values" }), "GPU");
    expect(screen.getByText("gpu-03")).toBeInTheDocument();
    expect(screen.queryByText("qwen")).not.toBeInTheDocument();
    expect(screen.getByText("Nothing fits.")).toBeInTheDocument();
  });
});

describe("logs", () => {
  it("shows those of the trace and leads to their span", async () => {
    const log = {
      ...{ at: "2026-01-01T00:00:00Z", span_id: "00000000000000ff", body: "retrying", severity: "warning" },
      ...{ severity_text: "WARN", event_name: null, service: null, request_id: null, scope_name: null },
      attributes: {},
    };
    const onSelect = vi.fn();
    const { spans: _, ...trace } = createFakeTrace({ logs: [log] });
    await renderPiece(<LogsTab span={createFakeSpan()} trace={trace} onSelect={onSelect} />);
    expect(screen.getByText("retrying")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "To its span" }));
    expect(onSelect).toHaveBeenCalledWith("00000000000000ff");
  });
});
