import { Page } from "@/components/ui/page";

export function SessionsPage() {
  return <Page title="SessionsPage">{null}</Page>;
}
