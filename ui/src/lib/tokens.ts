/** Input and output tokens together; null only where nobody reported either. */
export function allTokens(input: number | null, output: number | null): number | null {
  return input === null && output === null ? null : (input ?? 0) + (output ?? 0);
}
