import { createFileRoute } from "@tanstack/react-router";
import { readOwnersSearch } from "@/features/owners/search";
import { UsersPage } from "@/features/owners/users-page";

export const Route = createFileRoute("/users/")({ validateSearch: readOwnersSearch, component: UsersPage });
