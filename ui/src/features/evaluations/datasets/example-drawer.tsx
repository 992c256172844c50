import { useTranslation } from "react-i18next";
import type { Example } from "@/api/datasets";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import { CaseTextsView } from "../case/case-texts-view";
import { DetailDrawer } from "../case/detail-drawer";
import { readExampleTexts } from "../model/case-texts";

interface ExampleDrawerProps {
  example: Example;
  previous: number | null;
  next: number | null;
  onMove: (position: number) => void;
  onClose: () => void;
}

/** All texts of one example over the page. */
export function ExampleDrawer({ example, previous, next, onMove, onClose }: ExampleDrawerProps) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  return (
    <DetailDrawer
      title={t("dataset.example", { number: formatCount(example.position + 1, language) })}
      id={example.id}
      traceId={example.trace_id}
      size={640}
      previous={previous}
      next={next}
      words={{ previous: t("keys.previousExample"), next: t("keys.nextExample"), id: t("dataset.exampleId") }}
      onMove={onMove}
      onClose={onClose}
    >
      <CaseTextsView texts={readExampleTexts(example)} lit={[]} />
    </DetailDrawer>
  );
}
