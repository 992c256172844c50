import { Page } from "@/components/ui/page";

export function UserPage() {
  return <Page title="UserPage">{null}</Page>;
}
