/** Makes text from outside safe to look at: what would act on the screen or on the text around it is made visible. */

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to be found
const ACTING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Show control characters and those that turn the direction of text around; newlines and tabs stay. */
export function visibleText(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(ACTING, escapeOf);
}

/** As it is written in code; pictures of control characters are missing from most fonts. */
function escapeOf(character: string): string {
  const code = character.charCodeAt(0).toString(16);
  return code.length <= 2 ? `\\x${code.padStart(2, "0")}` : `\\u${code.padStart(4, "0")}`;
}

/** The same on one line, for names. */
export function visibleLine(text: string): string {
  return visibleText(text).replace(/\s+/g, " ").trim();
}

/** The first characters of a text, never half of one, with an ellipsis if there are more. */
export function cutText(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, wholeEnd(text, length))}…`;
}

/** Split a text into pieces that end at a line where there is one, so that each can be laid out by itself. */
export function splitText(text: string, length: number): string[] {
  const pieces: string[] = [];
  for (let start = 0; start < text.length; ) {
    const end = pieceEnd(text, start, length);
    pieces.push(text.slice(start, end));
    start = end;
  }
  return pieces;
}

function pieceEnd(text: string, start: number, length: number): number {
  if (start + length >= text.length) return text.length;
  const line = text.lastIndexOf("\n", start + length);
  return line > start ? line + 1 : wholeEnd(text, start + length);
}

/** A place near `end` that does not cut a surrogate pair in two. */
function wholeEnd(text: string, end: number): number {
  const code = text.charCodeAt(end - 1);
  return code >= 0xd800 && code <= 0xdbff ? end - 1 : end;
}

/** JSON set out over lines; null for what is no JSON object or list. */
export function prettyJson(text: string): string | null {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return null;
  }
}
