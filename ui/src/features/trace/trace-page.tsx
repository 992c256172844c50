import { Page } from "@/components/ui/page";

export function TracePage() {
  return <Page title="TracePage">{null}</Page>;
}
