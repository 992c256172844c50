import { Page } from "@/components/ui/page";

export function SignalsPage() {
  return <Page title="SignalsPage">{null}</Page>;
}
