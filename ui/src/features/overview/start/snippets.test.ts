import { reachable, snippetOf, WAYS } from "./snippets";

const doors = { api: "http://127.0.0.1:8400", otlp: "http://127.0.0.1:4318" };

describe("lines that send first data", () => {
  it("are five at most, without a key where none is needed", () => {
    for (const way of WAYS) {
      const snippet = snippetOf(way, doors, false);
      expect(snippet.split("\n").filter(Boolean).length).toBeLessThanOrEqual(5);
      expect(snippet).not.toContain("pw_");
    }
  });

  it("have a place for the key where the server asks for one", () => {
    for (const way of WAYS) expect(snippetOf(way, doors, true)).toContain("pw_");
  });

  it("name the server as this browser's machine reaches it", () => {
    const remote = { hostname: "pitwall.internal", protocol: "http:" };
    expect(reachable("http://127.0.0.1:4318", remote)).toBe("http://pitwall.internal:4318");
    expect(reachable("http://10.0.0.7:4318", remote)).toBe("http://10.0.0.7:4318");
    expect(reachable("http://127.0.0.1:4318", { ...remote, hostname: "localhost" })).toBe(
      "http://127.0.0.1:4318",
    );
  });
});
