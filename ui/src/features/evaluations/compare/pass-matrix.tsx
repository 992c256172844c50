import { useTranslation } from "react-i18next";
import type { PassComparison } from "@/api/eval-comparison";
import { BandMark } from "@/components/ui/band-mark";
import { useLanguage } from "@/i18n";
import { formatCount, formatPercent } from "@/lib/format";
import classes from "./compare.module.css";
import { writeP } from "./metric-verdicts";

/** How many cases pass before and after: those on the diagonal did not change. */
export function PassMatrix({ passes }: { passes: PassComparison }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { n, lost, gained } = passes;
  const both = Math.round(passes.rate_a * n) - lost;
  const neither = n - both - lost - gained;
  const count = (cases: number) => formatCount(cases, language);
  return (
    <div className={classes.matrix}>
      <table aria-label={t("matrix.label")}>
        <thead>
          <tr>
            <td />
            <th scope="col">{t("matrix.passedAfter")}</th>
            <th scope="col">{t("matrix.failedAfter")}</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{t("matrix.passedBefore")}</th>
            <td>{count(both)}</td>
            <td data-changed>
              {lost > 0 && <BandMark band="critical" word={t("pairs.change.lost")} />} {count(lost)}
            </td>
          </tr>
          <tr>
            <th scope="row">{t("matrix.failedBefore")}</th>
            <td data-changed>{count(gained)}</td>
            <td>{count(neither)}</td>
          </tr>
        </tbody>
      </table>
      <p>
        {t("matrix.rates", {
          before: formatPercent(passes.rate_a, language),
          after: formatPercent(passes.rate_b, language),
          cases: count(n),
        })}{" "}
        {t("matrix.p", { p: writeP(passes.p_adjusted, language) })}
      </p>
    </div>
  );
}
