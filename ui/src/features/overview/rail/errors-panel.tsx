import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type ErrorGroup, errorsQuery } from "@/api/errors";
import { useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import { formatCount } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import { boundsOf } from "@/lib/time-range";
import { tracesOfError } from "../links";
import type { RailPanelProps } from "./rail";
import classes from "./rail.module.css";
import { RailList } from "./rail-list";

const SHOWN = 5;

/** What fails most, how much more than before, and the way to its traces. */
export function ErrorsPanel({ isHeld }: RailPanelProps) {
  const { t } = useTranslation("overview");
  const { scope, range } = usePageState();
  const query = useQuery({
    ...errorsQuery(scope, boundsOf(range), SHOWN),
    select: (answer) => answer.errors,
    enabled: !isHeld,
  });
  return (
    <RailList
      title={t("rail.errors")}
      query={query}
      nothing={t("rail.noErrors")}
      keyOf={(error) => `${error.example_span_id} ${error.name}`}
      row={(error) => <ErrorRow error={error} />}
    />
  );
}

function ErrorRow({ error }: { error: ErrorGroup }) {
  const { t } = useTranslation("overview");
  const language = useLanguage();
  const search = useSearch({ strict: false });
  const text = visibleLine(error.message ?? error.error_type ?? "").slice(0, 300);
  const where = [error.name, error.service].map((part) => visibleLine(part ?? ""));
  return (
    <Link
      to="/traces"
      search={tracesOfError(search, error)}
      className={classes.row}
      title={text || undefined}
    >
      <span className={classes.main}>
        {[error.error_class ?? error.error_type ?? t("rail.unknownError"), where[0]]
          .filter(Boolean)
          .join(" · ")}
      </span>
      <span className={classes.number}>{formatCount(error.count, language)}</span>
      <span className={classes.detail}>{[where[1], text].filter(Boolean).join(" · ")}</span>
      <span className={classes.aside}>
        {t("rail.before", { count: formatCount(error.previous_count, language) })}
      </span>
    </Link>
  );
}
