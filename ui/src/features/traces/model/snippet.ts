/** The words of a message list that is stored as JSON, for places where its brackets would hide them. */

const MESSAGES = /^\s*[[{]\s*\{?\s*"(role|messages|parts|content|type)"/;
const WORDS = /"(?:content|text)"\s*:\s*"((?:[^"\\]|\\.)*)/g;

/** What people wrote or read, without the JSON around it; the text itself where there is none. */
export function snippetOf(text: string): string {
  if (!MESSAGES.test(text)) return text;
  const words = [...text.matchAll(WORDS)].map(([, written = ""]) => unescaped(written)).filter(Boolean);
  return words.length ? words.join("\n") : text;
}

/** The end of what is read may be cut within an escape. */
function unescaped(written: string): string {
  try {
    return JSON.parse(`"${written.replace(/\\(u[0-9a-f]{0,3})?$/i, "")}"`) as string;
  } catch {
    return written;
  }
}
