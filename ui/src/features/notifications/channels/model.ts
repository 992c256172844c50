import type { Channel, ChannelContent } from "@/api/channels";

export const KINDS = ["webhook", "slack", "apprise"] as const;
const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;

export function isChannelName(name: string): boolean {
  return NAME.test(name);
}

/** What is sent to save a channel; the address and the secret stay as they are unless new ones are given. */
export function contentOf(channel: Channel | null): ChannelContent {
  return {
    kind: KINDS.find((kind) => kind === channel?.kind) ?? "webhook",
    url: null,
    secret: null,
    language: channel?.language ?? null,
    send_resolved: channel?.send_resolved ?? true,
    rate: channel?.rate ?? { per_minute: 30, burst: 10 },
    timeout_seconds: channel?.timeout_seconds ?? 10,
    fallback: channel?.fallback ?? null,
    template: channel?.template ?? { title: null, body: null },
    is_enabled: channel?.is_enabled ?? true,
  };
}
