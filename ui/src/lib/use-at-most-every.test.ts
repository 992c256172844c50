import { renderHook } from "@testing-library/react";
import { useAtMostEvery } from "./use-at-most-every";

describe("useAtMostEvery", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("runs at once, and once more for all that was asked for meanwhile", () => {
    const run = vi.fn();
    const { result } = renderHook(() => useAtMostEvery(run, 5000));
    for (let asked = 0; asked < 4; asked++) result.current();
    expect(run).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(5000);
    expect(run).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(60_000);
    expect(run).toHaveBeenCalledTimes(2);
  });

  it("runs no more once nobody is there", () => {
    const run = vi.fn();
    const { result, unmount } = renderHook(() => useAtMostEvery(run, 5000));
    result.current();
    result.current();
    unmount();
    vi.advanceTimersByTime(60_000);
    expect(run).toHaveBeenCalledTimes(1);
  });
});
