import { Button, Collapse } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCode } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { explanationQuery } from "@/api/signals";
import { CopyButton } from "@/components/ui/copy-button";
import { Panel } from "@/components/ui/panel";
import { QueryView } from "@/components/ui/states";
import { usePageState } from "@/lib/page-state";
import classes from "./explorer.module.css";
import type { Explorer } from "./use-explorer";

/** The statements that compute the chart; asked for when somebody looks. */
export function SqlPanel({ explorer }: { explorer: Explorer }) {
  const { t } = useTranslation("signals");
  const [isOpen, { toggle }] = useDisclosure(false);
  const id = useId();
  return (
    <Panel
      title={t("sql.title")}
      actions={
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconCode size={14} aria-hidden />}
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={toggle}
        >
          {isOpen ? t("sql.hide") : t("sql.show")}
        </Button>
      }
      isFlush
    >
      <Collapse expanded={isOpen} id={id} transitionDuration={0}>
        <div className={classes.statements}>{isOpen && <Statements explorer={explorer} />}</div>
      </Collapse>
    </Panel>
  );
}

function Statements({ explorer }: { explorer: Explorer }) {
  const { t } = useTranslation("signals");
  const { scope } = usePageState();
  const explanation = useQuery(explanationQuery(scope, explorer.questions.windows));
  return (
    <QueryView query={explanation} height={160}>
      {({ statements }) =>
        statements.map(({ sql, tables }) => (
          <div key={sql} className={classes.statement}>
            <div>
              <span>{t("sql.reads", { tables: tables.join(", ") })}</span>
              <CopyButton value={sql} what={t("sql.title")} />
            </div>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keys scroll it */}
            <pre tabIndex={0}>{sql}</pre>
          </div>
        ))
      }
    </QueryView>
  );
}
