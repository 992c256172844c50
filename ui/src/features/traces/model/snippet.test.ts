import { snippetOf } from "./snippet";

describe("snippets", () => {
  it("show the words of messages, however the list is cut", () => {
    const messages = [
      { role: "system", content: "Be brief." },
      { role: "user", parts: [{ type: "text", content: 'He said "hi"\\n환불' }] },
    ];
    const text = JSON.stringify(messages);
    expect(snippetOf(text)).toBe('Be brief.\nHe said "hi"\\n환불');
    expect(snippetOf(text.slice(0, text.indexOf("hi") + 3))).toBe('Be brief.\nHe said "hi');
    expect(snippetOf('[{"role":"user","content":"\\ud55c\\ud5')).toBe("한");
  });

  it("leave every other text as it is", () => {
    for (const text of ["plain", '{"category": "battery"}', "[1, 2]", '[{"role":"user"}]', ""])
      expect(snippetOf(text)).toBe(text);
  });
});
