/** The name of a node below another, as the server writes it: its conditions in order, after those above. */
export function pathOf(above: string, matchers: readonly string[]): string {
  return `${above}/${[...matchers].sort().join(",")}`;
}
