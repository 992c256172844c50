import { Button, Group } from "@mantine/core";
import { IconCircleCheck, IconCircleDashed } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { explanationQuery } from "@/api/signals";
import { Panel } from "@/components/ui/panel";
import { QueryView } from "@/components/ui/states";
import { pickText, useLanguage } from "@/i18n";
import { formatAge, formatInstant } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import { between, lengthOf, zoomOut } from "@/lib/time-range";
import { useNow } from "@/lib/use-now";
import classes from "./explorer.module.css";
import type { Explorer } from "./use-explorer";

/** Why there is no value that can be judged, what one needs, and the way out. */
export function NoDataPanel({ explorer }: { explorer: Explorer }) {
  const { t } = useTranslation("signals");
  const language = useLanguage();
  const { scope } = usePageState();
  const explanation = useQuery(explanationQuery(scope, explorer.questions.overall));
  return (
    <Panel title={t("noData.title")}>
      <QueryView query={explanation} height={120}>
        {({ no_data }) =>
          no_data ? (
            <>
              <p className={classes.description}>{pickText(no_data.text, language)}</p>
              {no_data.needs.length > 0 && (
                <ul className={classes.needs} aria-label={t("noData.needs")}>
                  {no_data.needs.map(({ what, seen }) => (
                    <li key={what.en} data-seen={seen || undefined}>
                      {seen ? (
                        <IconCircleCheck size={16} aria-hidden />
                      ) : (
                        <IconCircleDashed size={16} aria-hidden />
                      )}
                      <span>{pickText(what, language)}</span>
                      <small>{seen ? t("noData.seen") : t("noData.missing")}</small>
                    </li>
                  ))}
                </ul>
              )}
              <p className={classes.quiet}>{t(`noData.way.${no_data.reason}`)}</p>
              <WaysOut explorer={explorer} lastSeenAt={no_data.last_seen_at} />
            </>
          ) : (
            <p className={classes.quiet}>{t("noData.arrived")}</p>
          )
        }
      </QueryView>
    </Panel>
  );
}

interface WaysOutProps {
  explorer: Explorer;
  lastSeenAt: string | null;
}

function WaysOut({ explorer, lastSeenAt }: WaysOutProps) {
  const { t } = useTranslation("signals");
  const language = useLanguage();
  const now = useNow(60_000);
  const { scope, setScope, range, setRange } = usePageState();
  const { search, change } = explorer;
  const goToLast = (at: string) => {
    const half = (lengthOf(range) * 1000) / 2;
    setRange(between(Date.parse(at) - half, Date.parse(at) + half));
  };
  return (
    <Group gap={8} mt={8}>
      {lastSeenAt && (
        <Button
          variant="default"
          title={formatInstant(lastSeenAt, language)}
          onClick={() => goToLast(lastSeenAt)}
        >
          {t("noData.goToLast", { age: formatAge(lastSeenAt, language, now) })}
        </Button>
      )}
      {search.where && (
        <Button variant="default" onClick={() => change({ where: undefined })}>
          {t("controls.whereClear")}
        </Button>
      )}
      {(scope.environment || scope.service) && (
        <Button variant="default" onClick={() => setScope({ environment: null, service: null })}>
          {t("noData.wholeScope")}
        </Button>
      )}
      <Button variant="default" onClick={() => setRange(zoomOut(range, new Date()))}>
        {t("chart.zoomOut")}
      </Button>
    </Group>
  );
}
