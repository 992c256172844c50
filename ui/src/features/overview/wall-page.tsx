import { Page } from "@/components/ui/page";

export function WallPage() {
  return <Page title="WallPage">{null}</Page>;
}
