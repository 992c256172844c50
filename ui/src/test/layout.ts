import { afterEach, beforeEach, vi } from "vitest";

/** Give elements a size for the tests of a file: jsdom lays nothing out, and virtualised lists show what fits. */
export function pretendLayout(height = 600, width = 1000): void {
  beforeEach(() => {
    vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(height);
    vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(width);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
}
