import { Page } from "@/components/ui/page";

export function OverviewPage() {
  return <Page title="OverviewPage">{null}</Page>;
}
