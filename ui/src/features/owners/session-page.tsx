import { Page } from "@/components/ui/page";

export function SessionPage() {
  return <Page title="SessionPage">{null}</Page>;
}
