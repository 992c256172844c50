import { createFileRoute } from "@tanstack/react-router";
import { SignalsPage } from "@/features/signals/signals-page";

export const Route = createFileRoute("/signals/")({ component: SignalsPage });
