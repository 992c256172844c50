/** Labels as people type them: `team=search, tier=1`. */

export function writeLabels(labels: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(labels ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .join(", ");
}

/** What is no label is left out. */
export function readLabels(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split(/[,\n]/)
      .map((part) => part.trim())
      .filter((part) => part.indexOf("=") > 0)
      .map((part) => {
        const place = part.indexOf("=");
        return [part.slice(0, place).trim(), part.slice(place + 1).trim()];
      }),
  );
}
