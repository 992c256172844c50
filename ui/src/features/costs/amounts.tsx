import { useTranslation } from "react-i18next";
import { usdOf } from "@/api/costs";
import { useLanguage } from "@/i18n";
import { formatCost } from "@/lib/format";

/** An amount of US dollars. */
export function Usd({ amount }: { amount: string | null }) {
  const language = useLanguage();
  return <span title={amount ?? undefined}>{formatCost(usdOf(amount), language)}</span>;
}

/** What an amount is between; nothing where nothing is known. */
export function Between({ low, high }: { low: string | null; high: string | null }) {
  const { t } = useTranslation("costs");
  const language = useLanguage();
  if (low === null || high === null) return null;
  const written = { low: formatCost(usdOf(low), language), high: formatCost(usdOf(high), language) };
  return <span>{t("between", written)}</span>;
}
