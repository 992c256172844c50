import { createFileRoute } from "@tanstack/react-router";
import { readWallSearch } from "@/features/overview/search";
import { WallPage } from "@/features/overview/wall-page";

export const Route = createFileRoute("/wall")({ validateSearch: readWallSearch, component: WallPage });
