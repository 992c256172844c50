export const VIEWS = ["channels", "routes", "silences", "maintenance", "deliveries"] as const;
export type View = (typeof VIEWS)[number];

/** What the page of notifications keeps in its URL besides what every page does. */
export interface NotificationsSearch {
  /** Absent: the channels. */
  view?: Exclude<View, "channels">;
  /** Name of the channel whose deliveries are shown. */
  channel?: string;
}

/** Strange values are left out, never an error. */
export function readNotificationsSearch(raw: Record<string, unknown>): NotificationsSearch {
  const view = VIEWS.find((known) => known === raw.view);
  return {
    ...(view && view !== "channels" ? { view } : {}),
    ...(typeof raw.channel === "string" && raw.channel ? { channel: raw.channel } : {}),
  };
}
