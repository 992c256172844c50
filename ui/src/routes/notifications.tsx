import { createFileRoute } from "@tanstack/react-router";
import { NotificationsPage } from "@/features/notifications/notifications-page";
import { readNotificationsSearch } from "@/features/notifications/search";

export const Route = createFileRoute("/notifications")({
  validateSearch: readNotificationsSearch,
  component: NotificationsPage,
});
