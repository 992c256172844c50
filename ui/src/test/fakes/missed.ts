import type { Missed, MissedQuestion } from "@/api/missed";

const WINDOWS = 30;

export function createFakeMissedQuestion(overrides: Partial<MissedQuestion> = {}): MissedQuestion {
  return {
    ...{ id: "q1", question: "Do you ship abroad?", count: 3, wordings: 2 },
    ...{ reasons: { no_hits: 3, refusal: 2 } },
    ...{ first_at: "2026-01-01T00:10:00Z", last_at: "2026-01-01T00:50:00Z" },
    course: [...Array<number>(WINDOWS - 1).fill(0), 3],
    examples: [
      {
        ...{ trace_id: "a".repeat(32), at: "2026-01-01T00:50:00Z", question: "Ship abroad?" },
        ...{ answer: "I could not find that.", reasons: ["no_hits", "refusal"] },
      },
    ],
    ...overrides,
  };
}

export function createFakeMissed(overrides: Partial<Missed> = {}): Missed {
  return {
    ...{ since: "2026-01-01T00:00:00Z", until: "2026-01-01T01:00:00Z" },
    ...{ requests: 10, missed: 3, reasons: { no_hits: 3, refusal: 2 } },
    ...{ without_question: 0, is_cut: false, question_count: 1 },
    course: {
      starts: Array.from({ length: WINDOWS }, (_, at) =>
        new Date(Date.UTC(2026, 0, 1, 0, 2 * at)).toISOString(),
      ),
      step_seconds: 120,
      requests: Array<number>(WINDOWS).fill(0),
      missed: Array<number>(WINDOWS).fill(0),
    },
    questions: [createFakeMissedQuestion()],
    ...overrides,
  };
}
