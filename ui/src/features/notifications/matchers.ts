/** Conditions on labels, one a line. */
export function matchersIn(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}
