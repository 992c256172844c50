import { Page } from "@/components/ui/page";

export function SignalPage() {
  return <Page title="SignalPage">{null}</Page>;
}
