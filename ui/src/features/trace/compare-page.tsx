import { Page } from "@/components/ui/page";

export function ComparePage() {
  return <Page title="ComparePage">{null}</Page>;
}
