import type { Profile, ProfileFrame } from "@/api/trace";
import { fakeSpanId } from "./trace";

/** A frame of a profile: function, depth, where it begins, its time and what of it is its own. */
export function createFakeFrame(overrides: Partial<ProfileFrame> = {}): ProfileFrame {
  return {
    ...{ function: "work", file: "app.py", depth: 0, offset_ms: 0, total_ms: 100, self_ms: 100 },
    ...overrides,
  };
}

/** A profile of one frame. */
export function createFakeProfile(overrides: Partial<Profile> = {}): Profile {
  return {
    ...{ span_id: fakeSpanId(1), name: "GET /slow", service: "shop", started_at: "2026-01-01T00:00:00Z" },
    ...{ duration_ms: 100, cpu_ms: 80, sample_count: 20, total_ms: 100, left_out_ms: 0, unreadable_lines: 0 },
    frames: [createFakeFrame()],
    ...overrides,
  };
}
