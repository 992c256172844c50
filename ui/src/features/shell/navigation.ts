import {
  IconActivity,
  IconAlertHexagon,
  IconBell,
  IconBinaryTree2,
  IconChartLine,
  IconChecklist,
  IconCoins,
  IconFlame,
  IconHeartbeat,
  IconMessages,
  IconScale,
  IconSend,
  IconSettings,
  IconUsers,
  type TablerIcon,
} from "@tabler/icons-react";

/** Pages in the side bar and in the command palette. A new page needs an entry here, a route and its texts. */
export interface Destination {
  name:
    | "overview"
    | "traces"
    | "sessions"
    | "users"
    | "errors"
    | "signals"
    | "costs"
    | "evaluations"
    | "checks"
    | "health"
    | "incidents"
    | "alerts"
    | "notifications"
    | "settings";
  to:
    | "/"
    | "/traces"
    | "/sessions"
    | "/users"
    | "/errors"
    | "/signals"
    | "/costs"
    | "/evaluations"
    | "/checks"
    | "/health"
    | "/incidents"
    | "/alerts"
    | "/notifications"
    | "/settings";
  icon: TablerIcon;
  /** Second key after `g`. */
  key: string;
  /** Which part of the loop it belongs to. */
  section: "observe" | "judge" | "decide" | "system";
}

export const DESTINATIONS: readonly Destination[] = [
  { name: "overview", to: "/", icon: IconActivity, key: "o", section: "observe" },
  { name: "traces", to: "/traces", icon: IconBinaryTree2, key: "t", section: "observe" },
  { name: "sessions", to: "/sessions", icon: IconMessages, key: "e", section: "observe" },
  { name: "users", to: "/users", icon: IconUsers, key: "u", section: "observe" },
  { name: "errors", to: "/errors", icon: IconAlertHexagon, key: "r", section: "observe" },
  { name: "signals", to: "/signals", icon: IconChartLine, key: "s", section: "judge" },
  { name: "alerts", to: "/alerts", icon: IconBell, key: "a", section: "decide" },
  { name: "evaluations", to: "/evaluations", icon: IconScale, key: "v", section: "judge" },
  { name: "checks", to: "/checks", icon: IconChecklist, key: "k", section: "judge" },
  { name: "costs", to: "/costs", icon: IconCoins, key: "m", section: "judge" },
  { name: "health", to: "/health", icon: IconHeartbeat, key: "h", section: "judge" },
  { name: "incidents", to: "/incidents", icon: IconFlame, key: "i", section: "decide" },
  { name: "notifications", to: "/notifications", icon: IconSend, key: "n", section: "decide" },
  { name: "settings", to: "/settings", icon: IconSettings, key: "c", section: "system" },
];
