import { createFileRoute } from "@tanstack/react-router";
import { SignalPage } from "@/features/signals/signal-page";

export const Route = createFileRoute("/signals/$name")({ component: SignalPage });
