import { Button, Drawer } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconAdjustmentsHorizontal } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { HistogramAnswer } from "@/api/traces";
import classes from "../traces-page.module.css";
import type { TracesState } from "../use-traces-state";
import { Count } from "./toolbar";
import { ViewsMenu } from "./views-menu";

interface ControlsProps {
  isPhone: boolean;
  state: TracesState;
  histogram: HistogramAnswer | undefined;
  bar: ReactNode;
  toolbar: ReactNode;
  /** Values of columns; on a phone they are in the drawer too. */
  facets: ReactNode;
}

/** What narrows the list: above it, on a phone in a drawer. */
export function Controls({ isPhone, state, histogram, bar, toolbar, facets }: ControlsProps) {
  const { t } = useTranslation("traces");
  const [isOpen, drawer] = useDisclosure(false);
  if (!isPhone)
    return (
      <>
        <div className={classes.line}>
          {bar}
          <ViewsMenu state={state} />
        </div>
        {toolbar}
      </>
    );
  return (
    <div className={classes.line}>
      <Button
        variant="default"
        leftSection={<IconAdjustmentsHorizontal size={15} aria-hidden />}
        onClick={drawer.open}
      >
        {t("filter.drawer", { count: state.filters.length + (state.q ? 1 : 0) })}
      </Button>
      <Count histogram={histogram} />
      <Drawer
        opened={isOpen}
        onClose={drawer.close}
        position="bottom"
        size="85%"
        title={t("filter.bar")}
        closeButtonProps={{ "aria-label": t("preview.close") }}
      >
        <div className={classes.drawer}>
          {bar}
          {toolbar}
          <ViewsMenu state={state} />
          {facets}
        </div>
      </Drawer>
    </div>
  );
}
