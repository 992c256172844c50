import { ApiProblem } from "./problem";
import { createQueryClient } from "./query-client";

describe("query client", () => {
  it("asks anew who we are when a session has ended", async () => {
    const client = createQueryClient();
    const asked = vi.fn(async () => ({ needs_key: true }));
    await client.fetchQuery({ queryKey: ["session"], queryFn: asked });
    const refused = client.fetchQuery({
      queryKey: ["traces"],
      queryFn: () => Promise.reject(new ApiProblem(401, "access.session_ended", "The session is over.")),
    });
    await expect(refused).rejects.toThrow("over");
    expect(client.getQueryState(["session"])?.isInvalidated).toBe(true);
  });

  it("asks again only where that can help", () => {
    const retry = createQueryClient().getDefaultOptions().queries?.retry as (n: number, e: Error) => boolean;
    expect(retry(0, new ApiProblem(0, "network", "no answer"))).toBe(true);
    expect(retry(0, new ApiProblem(503, "server.starting", "starting"))).toBe(true);
    expect(retry(0, new ApiProblem(404, "traces.unknown", "no such trace"))).toBe(false);
    expect(retry(5, new ApiProblem(503, "server.starting", "starting"))).toBe(false);
  });
});
