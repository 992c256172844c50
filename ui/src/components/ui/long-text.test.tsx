import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { renderPiece } from "@/test/render";
import { LongText } from "./long-text";

describe("LongText", () => {
  it("cuts a long text and shows the whole on demand", async () => {
    const text = `${"a line of text\n".repeat(20_000)}the end`;
    await renderPiece(<LongText text={text} />);
    expect(screen.queryByText(/the end/)).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Show all 300,007 characters" }));
    const region = screen.getByRole("region", { name: "Whole text" });
    expect(region).toHaveTextContent("the end");
    expect(region.textContent).toBe(text);
  });

  it("shows markup and control characters as text", async () => {
    const { container } = await renderPiece(<LongText text={"<b>bold</b>\u001b[31m"} />);
    expect(container).toHaveTextContent("<b>bold</b>\\x1b[31m");
    expect(container.querySelector("b")).toBeNull();
  });
});
