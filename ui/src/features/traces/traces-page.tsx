import { Page } from "@/components/ui/page";

export function TracesPage() {
  return <Page title="TracesPage">{null}</Page>;
}
