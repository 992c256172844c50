import { createFileRoute } from "@tanstack/react-router";
import { ComparePage } from "@/features/trace/compare-page";

export const Route = createFileRoute("/compare")({ component: ComparePage });
