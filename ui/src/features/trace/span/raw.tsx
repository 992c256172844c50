import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { SpanAnswer } from "@/api/trace";
import { LongText } from "@/components/ui/long-text";

/** The span as the API gives it. */
export function RawTab({ span }: { span: SpanAnswer }) {
  const { t } = useTranslation("trace");
  const json = useMemo(() => JSON.stringify(span, null, 2), [span]);
  return <LongText text={json} what={t("tab.raw")} shown={20_000} isMono />;
}
