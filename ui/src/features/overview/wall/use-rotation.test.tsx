import { act, renderHook } from "@testing-library/react";
import { useRotation } from "./use-rotation";

describe("the rotation of the wall", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("goes round from the board that was asked for", () => {
    const { result } = renderHook(() => useRotation(3, 1, "30s"));
    const seen = [result.current];
    for (let turn = 0; turn < 3; turn++) {
      act(() => void vi.advanceTimersByTime(30_000));
      seen.push(result.current);
    }
    expect(seen).toEqual([1, 2, 0, 1]);
  });

  it("stays where nobody asked for it, and never flickers", () => {
    const still = renderHook(() => useRotation(3, 1, undefined));
    const quick = renderHook(() => useRotation(3, 0, "1s"));
    act(() => void vi.advanceTimersByTime(4900));
    expect([still.result.current, quick.result.current]).toEqual([1, 0]);
  });
});
