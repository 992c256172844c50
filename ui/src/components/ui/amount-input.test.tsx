import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { renderPiece } from "@/test/render";
import { AmountInput } from "./amount-input";

const LABEL = "Objective";

function Form({ told }: { told: (value: number | null) => void }) {
  const [value, setValue] = useState<number | null>(0.99);
  const change = (given: number | null) => {
    setValue(given);
    told(given);
  };
  return <AmountInput label={LABEL} max={1} decimalScale={5} value={value} onChange={change} />;
}

describe("a field for an amount", () => {
  it("keeps what is half written, and tells nothing of an empty one", async () => {
    const told: (number | null)[] = [];
    await renderPiece(<Form told={(value) => told.push(value)} />);
    const field = await screen.findByRole("textbox", { name: LABEL });
    await userEvent.clear(field);
    expect(told.at(-1)).toBeNull();
    await userEvent.type(field, "0.995");
    expect(field).toHaveValue("0.995");
    expect(told.at(-1)).toBe(0.995);
  });
});
