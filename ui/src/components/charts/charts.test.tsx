import { render } from "@testing-library/react";
import { Sparkline } from "./sparkline";
import { limitsOf } from "./types";

describe("charts", () => {
  it("read the limits of bands as the catalogue writes them", () => {
    expect(limitsOf({ warning: "< 0.6", critical: "<= 0.4" })).toEqual([
      { band: "warning", isUpper: false, value: 0.6 },
      { band: "critical", isUpper: false, value: 0.4 },
    ]);
    expect(limitsOf({ warning: null, critical: "> 45000" })).toEqual([
      { band: "critical", isUpper: true, value: 45_000 },
    ]);
    expect(limitsOf({ warning: "about 3", critical: null })).toEqual([]);
  });

  it("leave a gap where there is no data", () => {
    const { container } = render(<Sparkline values={[1, 2, null, 4, 3]} />);
    const path = container.querySelector("path")?.getAttribute("d") ?? "";
    expect(path.match(/M/g)).toHaveLength(2);
  });

  it("show nothing at all as hatching, not as a line at zero", () => {
    const { container } = render(<Sparkline values={[null, null]} />);
    expect(container.querySelector("path")).toBeNull();
    expect(container.firstElementChild).not.toBeNull();
  });
});
