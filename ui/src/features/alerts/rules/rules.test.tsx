import { screen, waitFor, within } from "@testing-library/react";
import { userEvent } from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import type { AlertRule } from "@/api/alert-rules";
import { createFakePreview, createFakeRule } from "@/test/fakes/alerts";
import { createFakeSignal } from "@/test/fakes/signals";
import { renderPiece } from "@/test/render";
import { server } from "@/test/server";
import { NewRulePage, RulePage } from "../editor/rule-page";
import { RulesPage } from "./rules-page";

beforeAll(() => {
  // jsdom has no canvas: charts are left out.
  HTMLCanvasElement.prototype.getContext = undefined as never;
});

function serveRules(rules: AlertRule[]) {
  server.use(http.get("*/api/v1/alerts/rules", () => HttpResponse.json({ rules })));
}

describe("the list of rules", () => {
  it("shows what each sees, how its evaluation goes and what is wrong with it", async () => {
    serveRules([
      createFakeRule({
        states: { firing: 2 },
        problems: [{ en: "There is no signal gone.", ko: "" }],
        evaluation: {
          at: "2026-11-28T09:10:00Z",
          duration_ms: 4,
          series: 500,
          dropped_series: 12,
          error: null,
        },
      }),
    ]);
    await renderPiece(<RulesPage />, { path: "/alerts/rules" });
    const row = (await screen.findAllByRole("row"))[1] as HTMLElement;
    expect(row).toHaveTextContent(/requests.errors.*There is no signal gone/);
    expect(row).toHaveTextContent("12 too many, not evaluated");
    expect(within(row).getByRole("link", { name: /Firing 2/ })).toHaveAttribute(
      "href",
      "/alerts?state=firing&rule=requests.errors",
    );
  });

  it("switches a rule off", async () => {
    serveRules([createFakeRule()]);
    const sent = vi.fn();
    server.use(
      http.post("*/api/v1/alerts/rules/requests.errors/switch", async ({ request }) => {
        sent(await request.json());
        return HttpResponse.json(createFakeRule({ is_enabled: false }));
      }),
    );
    await renderPiece(<RulesPage />, { path: "/alerts/rules" });
    await userEvent.click(await screen.findByRole("switch", { name: "On or off: Too many requests fail" }));
    await waitFor(() => expect(sent).toHaveBeenCalledWith({ is_enabled: false }));
  });

  it("finds rules by words in name, title or signal", async () => {
    serveRules([
      createFakeRule(),
      createFakeRule({
        name: "llm.slow",
        title: { en: "Slow calls", ko: "느린 호출" },
        signals: ["llm.p95"],
      }),
    ]);
    await renderPiece(<RulesPage />, { path: "/alerts/rules?find=llm slow" });
    expect(await screen.findByRole("link", { name: "Slow calls" })).toBeVisible();
    expect(screen.queryByRole("link", { name: "Too many requests fail" })).toBeNull();
  });
});

interface World {
  rule?: AlertRule;
}

function serveEditor({ rule = createFakeRule() }: World = {}) {
  const previews: { rule: { when: unknown } }[] = [];
  const saved = vi.fn();
  server.use(
    http.get("*/api/v1/alerts/rules/requests.errors", () => HttpResponse.json(rule)),
    http.get("*/api/v1/signals", () =>
      HttpResponse.json({ signals: [createFakeSignal({ name: "requests.count", by: ["service"] })] }),
    ),
    http.post("*/api/v1/alerts/rules/preview", async ({ request }) => {
      previews.push((await request.json()) as { rule: { when: unknown } });
      return HttpResponse.json(createFakePreview());
    }),
    http.put("*/api/v1/alerts/rules/:name", async ({ request, params }) => {
      saved(params.name, await request.json());
      return HttpResponse.json(rule);
    }),
    http.post("*/api/v1/alerts/rules/parse", async ({ request }) => {
      const { yaml } = (await request.json()) as { yaml: string };
      if (yaml.includes("wrong")) {
        const problems = [{ line: 5, where: "when", message: "there is no kind wrong" }];
        return HttpResponse.json(
          { code: "alert_rule.invalid", detail: "Line 5", details: { problems } },
          { status: 422 },
        );
      }
      return HttpResponse.json({
        rule: {
          ...rule.content,
          when: { threshold: { signal: "requests.count", critical: { enter: "> 99" } } },
        },
        notices: [],
      });
    }),
  );
  return { previews, saved };
}

const areaOf = () => screen.findByRole("textbox", { name: "YAML" });

describe("the editor of a rule", () => {
  it("shows what the rule would have done over 14 days", async () => {
    const { previews } = serveEditor();
    await renderPiece(<RulePage name="requests.errors" />, { path: "/alerts/rules/requests.errors" });
    expect(await screen.findByText(/It would have fired 1 time/)).toBeVisible();
    const periods = screen.getByRole("table", { name: "When it would have fired" });
    expect(within(periods).getAllByRole("row")[1]).toHaveTextContent(/Warning.*voc-chat.*30m 0s.*8 requests/);
    expect(previews[0]?.rule.when).toEqual({
      threshold: { signal: "requests.count", warning: { enter: "> 5" } },
    });
  });

  it("writes what the form says into the YAML, asks for another preview, and saves with the revision", async () => {
    const { previews, saved } = serveEditor();
    await renderPiece(<RulePage name="requests.errors" />, { path: "/alerts/rules/requests.errors" });
    const limit = await screen.findByLabelText("Critical from");
    await userEvent.type(limit, "> 50");
    expect(await areaOf()).toHaveValue(
      `name: requests.errors
title: {en: Too many requests fail, ko: 요청 실패가 많음}
when:
  threshold:
    signal: requests.count
    warning: {enter: "> 5"}
    critical: {enter: "> 50"}
for: 5m
`,
    );
    await waitFor(() =>
      expect(previews.at(-1)?.rule.when).toMatchObject({ threshold: { critical: { enter: "> 50" } } }),
    );
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() =>
      expect(saved).toHaveBeenCalledWith(
        "requests.errors",
        expect.objectContaining({ revision: "r1", for: "5m" }),
      ),
    );
  });

  it("says at which line the YAML is wrong, and follows it when it is right", async () => {
    serveEditor();
    await renderPiece(<RulePage name="requests.errors" />, { path: "/alerts/rules/requests.errors" });
    const area = await areaOf();
    await userEvent.type(area, "wrong");
    expect(await screen.findByText("there is no kind wrong")).toBeVisible();
    expect(area).toBeInvalid();
    expect(screen.getByRole("button", { name: "Save" })).toBeDisabled();
    await userEvent.clear(area);
    await userEvent.type(area, "right");
    await waitFor(() => expect(screen.getByLabelText("Critical from")).toHaveValue("> 99"));
    expect(area).toHaveValue("right");
  });

  it("leaves a condition of several parts to the YAML", async () => {
    const content = {
      ...createFakeRule().content,
      when: { all: [{ absent: { signal: "requests.count" } }] },
    };
    serveEditor({ rule: createFakeRule({ content, kind: "compound" }) });
    await renderPiece(<RulePage name="requests.errors" />, { path: "/alerts/rules/requests.errors" });
    expect(await screen.findByText(/several conditions/)).toBeVisible();
    expect(screen.queryByLabelText("Critical from")).toBeNull();
  });

  it("takes back what the team changed on a pack's rule, and asks first", async () => {
    serveEditor({ rule: createFakeRule({ origin: "changed", pack: "core" }) });
    const deleted = vi.fn();
    server.use(
      http.delete("*/api/v1/alerts/rules/requests.errors", () => {
        deleted();
        return HttpResponse.json({ rule: null });
      }),
    );
    await renderPiece(<RulePage name="requests.errors" />, { path: "/alerts/rules/requests.errors" });
    await userEvent.click(await screen.findByRole("button", { name: "Back to the pack's rule" }));
    expect(deleted).not.toHaveBeenCalled();
    await userEvent.click(await screen.findByRole("button", { name: "Take back" }));
    await waitFor(() => expect(deleted).toHaveBeenCalled());
  });

  it("makes a new rule once it has a name and both titles", async () => {
    const { saved } = serveEditor();
    await renderPiece(<NewRulePage />, { path: "/alerts/new-rule?signal=requests.count" });
    await userEvent.type(await screen.findByLabelText(/^Name/), "my.rule");
    await userEvent.type(screen.getByLabelText(/Title in English/), "Mine");
    expect(screen.getByRole("button", { name: "Save" })).toBeDisabled();
    await userEvent.type(screen.getByLabelText(/Title in Korean/), "내 규칙");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() =>
      expect(saved).toHaveBeenCalledWith(
        "my.rule",
        expect.objectContaining({ revision: "", when: { bands: { signal: "requests.count" } } }),
      ),
    );
  });

  it("explains a name that no rule has", async () => {
    server.use(
      http.get("*/api/v1/alerts/rules/gone", () => HttpResponse.json({ detail: "No." }, { status: 404 })),
    );
    await renderPiece(<RulePage name="gone" />, { path: "/alerts/rules/gone" });
    expect(await screen.findByRole("heading", { name: "There is no rule “gone”", level: 2 })).toBeVisible();
  });
});
