import { useTranslation } from "react-i18next";
import type { ErrorGroupDetail } from "@/api/error-groups";
import { Sparkline } from "@/components/charts/sparkline";
import { Fact, Facts, FactsHead, Totals } from "@/components/ui/facts";
import { ForeignName } from "@/components/ui/foreign-name";
import { LongText } from "@/components/ui/long-text";
import { useLanguage } from "@/i18n";
import { formatCount, formatInstant } from "@/lib/format";
import classes from "./errors.module.css";
import { CountChange, StatusMark, useClassName } from "./parts";

/** What a group is, how often it happens, and whom it hits. */
export function ErrorHead({ group }: { group: ErrorGroupDetail }) {
  const { t } = useTranslation("errors");
  const language = useLanguage();
  const className = useClassName();
  const counts = [
    ["traces", group.trace_count],
    ["users", group.user_count],
    ["sessions", group.session_count],
  ] as const;
  return (
    <FactsHead>
      <Totals>
        <Fact name={t("column.status")}>
          <StatusMark status={group.status} />
        </Fact>
        <Fact name={t("column.count")}>
          {formatCount(group.count, language)} <CountChange group={group} />
        </Fact>
        {counts.map(([name, count]) => (
          <Fact key={name} name={t(`head.${name}`)}>
            {formatCount(count, language)}
          </Fact>
        ))}
        <Fact name={t("column.trend")}>
          <div className={classes.trend}>
            <Sparkline values={group.trend} height={24} />
          </div>
        </Fact>
      </Totals>
      <Facts>
        <Fact name={t("column.class")}>{className(group.error_class)}</Fact>
        {group.error_type && (
          <Fact name={t("head.type")}>
            <ForeignName text={group.error_type} />
          </Fact>
        )}
        {group.service && (
          <Fact name={t("column.service")}>
            <ForeignName text={group.service} />
          </Fact>
        )}
        <Fact name={t("column.first")}>{formatInstant(group.first_seen, language)}</Fact>
        <Fact name={t("column.last")}>{formatInstant(group.last_seen, language)}</Fact>
      </Facts>
      {group.message && (
        <div className={classes.long}>
          <LongText text={group.message} what={t("column.message")} shown={600} isMono />
        </div>
      )}
    </FactsHead>
  );
}
