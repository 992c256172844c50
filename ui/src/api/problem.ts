/** An error that the server explained (RFC 9457), or the lack of an answer. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";

  constructor(
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    /** Stable name of the problem; `network` when no answer came. */
    readonly code: string,
    /** What happened, one sentence. */
    detail: string,
    /** The way out. */
    readonly hint: string | null = null,
    readonly details: Readonly<Record<string, unknown>> = {},
    readonly requestId: string | null = null,
  ) {
    super(detail);
  }

  get isNetwork(): boolean {
    return this.status === 0;
  }

  get isNotFound(): boolean {
    return this.status === 404;
  }

  /** Whether asking again unchanged could help. */
  get isTemporary(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }
}

interface WrittenProblem {
  code?: string;
  detail?: string;
  hint?: string | null;
  details?: Record<string, unknown> | null;
  instance?: string;
}

/** Make an error of what a server answered; anything that is no problem is named by its status. */
export function problemOf(status: number, body: unknown): ApiProblem {
  const written: WrittenProblem = typeof body === "object" && body !== null ? body : {};
  return new ApiProblem(
    status,
    written.code ?? `http.${status}`,
    written.detail ?? `HTTP ${status}`,
    written.hint ?? null,
    written.details ?? {},
    written.instance ?? null,
  );
}

/** What is wrong with one member of what was sent. */
export interface PlacedError {
  /** `body.limit`, or `limit`. */
  where: string;
  message: string;
  /** By language, where the server has it in both. */
  text?: { en: string; ko: string };
}

/** The members that an error is about; nothing where it names none. */
export function placedErrorsOf({ details }: ApiProblem): PlacedError[] {
  if (!Array.isArray(details.errors)) return [];
  return details.errors.filter(
    (one: unknown): one is PlacedError =>
      typeof one === "object" && one !== null && "where" in one && "message" in one,
  );
}
