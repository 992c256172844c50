import { createFileRoute } from "@tanstack/react-router";
import { UserPage } from "@/features/owners/user-page";

export const Route = createFileRoute("/users/$userId")({ component: UserPage });
