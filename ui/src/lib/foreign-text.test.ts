import { cutText, prettyJson, splitText, visibleLine, visibleText } from "./foreign-text";

describe("text from outside", () => {
  it("shows what would act on the screen", () => {
    expect(visibleText("\u001b[31mred\u0007\u0000")).toBe("\\x1b[31mred\\x07\\x00");
    expect(visibleText("a\u202egnp.exe")).toBe("a\\u202egnp.exe");
    expect(visibleText("one\r\n\ttwo")).toBe("one\n\ttwo");
    expect(visibleText("עברית\u200f 한국어 👩‍💻")).toBe("עברית\u200f 한국어 👩‍💻");
  });

  it("puts names on one line", () => {
    expect(visibleLine(" a\n b\tc ")).toBe("a b c");
  });

  it("never cuts a character in two", () => {
    expect(cutText("ab😀cd", 3)).toBe("ab…");
    expect(splitText("a😀b", 2)).toEqual(["a", "😀", "b"]);
  });

  it("splits at lines and loses nothing", () => {
    const text = `${"line of text\n".repeat(100)}end`;
    const pieces = splitText(text, 50);
    expect(pieces.join("")).toBe(text);
    expect(pieces.slice(0, -1).every((piece) => piece.endsWith("\n"))).toBe(true);
  });

  it("sets out JSON and leaves the rest alone", () => {
    expect(prettyJson('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}');
    expect(prettyJson("{broken")).toBeNull();
    expect(prettyJson("42")).toBeNull();
  });
});
