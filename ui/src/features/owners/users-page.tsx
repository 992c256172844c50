import { Page } from "@/components/ui/page";

export function UsersPage() {
  return <Page title="UsersPage">{null}</Page>;
}
