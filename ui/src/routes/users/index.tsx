import { createFileRoute } from "@tanstack/react-router";
import { UsersPage } from "@/features/owners/users-page";

export const Route = createFileRoute("/users/")({ component: UsersPage });
