import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { ShortcutProvider, useShortcut, useShortcutList } from "./shortcuts";

function Page({ run }: { run: (keys: string) => void }) {
  useShortcut("?", "Help", "Everywhere", () => run("?"));
  useShortcut("g t", "Traces", "Pages", () => run("g t"));
  useShortcut("mod+k", "Search", "Everywhere", () => run("mod+k"));
  return (
    <>
      <input aria-label="text" />
      <ul>
        {useShortcutList().map(({ keys }) => (
          <li key={keys}>{keys}</li>
        ))}
      </ul>
    </>
  );
}

describe("shortcuts", () => {
  it("run what a key or two keys in a row stand for", async () => {
    const run = vi.fn();
    render(<Page run={run} />, { wrapper: ShortcutProvider });
    await userEvent.keyboard("?");
    await userEvent.keyboard("gt");
    await userEvent.keyboard("t");
    await userEvent.keyboard("{Control>}k{/Control}");
    expect(run.mock.calls.flat()).toEqual(["?", "g t", "mod+k"]);
  });

  it("leave what people type alone, but for chords", async () => {
    const run = vi.fn();
    render(<Page run={run} />, { wrapper: ShortcutProvider });
    await userEvent.type(screen.getByLabelText("text"), "why? gt");
    await userEvent.keyboard("{Control>}k{/Control}");
    expect(run.mock.calls.flat()).toEqual(["mod+k"]);
  });

  it("are listed for the help sheet", () => {
    render(<Page run={vi.fn()} />, { wrapper: ShortcutProvider });
    expect(screen.getAllByRole("listitem").map((item) => item.textContent)).toEqual(["?", "g t", "mod+k"]);
  });
});
