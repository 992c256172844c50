import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createFakeHistogram } from "@/test/fakes/traces";
import { renderPiece } from "@/test/render";
import { Histogram } from "./histogram";

const answer = createFakeHistogram();
const startOf = (index: number) => Date.parse(answer.buckets[index]?.start ?? "");

async function show() {
  const [onNarrow, onWiden] = [vi.fn(), vi.fn()];
  const shown = await renderPiece(<Histogram answer={answer} onNarrow={onNarrow} onWiden={onWiden} />);
  screen.getByRole("group", { name: /Matches over time/ }).focus();
  return { onNarrow, onWiden, ...shown };
}

describe("the histogram of matches", () => {
  it("reads out the bucket at hand, and narrows to it", async () => {
    const { onNarrow } = await show();
    await userEvent.keyboard("{ArrowRight}{ArrowRight}{ArrowRight}");
    expect(screen.getByText(/20 matches, 2 failed/)).toBeInTheDocument();
    await userEvent.keyboard("{Enter}");
    expect(onNarrow).toHaveBeenCalledWith(startOf(2), startOf(3));
  });

  it("narrows to a stretch chosen with Shift, and steps out of it first", async () => {
    const { onNarrow, onWiden } = await show();
    await userEvent.keyboard("{ArrowRight}{Shift>}{ArrowRight}{ArrowRight}{/Shift}");
    expect(screen.getByText(/30 matches, 3 failed/)).toBeInTheDocument();
    await userEvent.keyboard("{Escape}");
    expect(onWiden).not.toHaveBeenCalled();
    await userEvent.keyboard("{Shift>}{ArrowRight}{/Shift}{Enter}");
    expect(onNarrow).toHaveBeenCalledWith(startOf(2), startOf(4));
    await userEvent.keyboard("{Escape}");
    expect(onWiden).toHaveBeenCalledOnce();
  });

  it("hatches what failed, so that it does not rest on colour", async () => {
    const { container } = await show();
    const hatched = [...container.querySelectorAll("rect[fill^='url(#']")];
    expect(hatched).toHaveLength(answer.buckets.length);
    expect(Number(hatched[5]?.getAttribute("height"))).toBeGreaterThan(
      Number(hatched[1]?.getAttribute("height")),
    );
  });
});
