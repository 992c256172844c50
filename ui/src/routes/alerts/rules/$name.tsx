import { createFileRoute } from "@tanstack/react-router";
import { RulePage } from "@/features/alerts/editor/rule-page";

export const Route = createFileRoute("/alerts/rules/$name")({
  component: function RuleRoute() {
    const { name } = Route.useParams();
    return <RulePage key={name} name={name} />;
  },
});
