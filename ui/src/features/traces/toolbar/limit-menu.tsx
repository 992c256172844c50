import { Button, Menu } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { parseFilter } from "../model/filters";

interface Limit {
  /** In the unit of the column. */
  value: number;
  label: string;
}

interface LimitMenuProps {
  icon: ReactNode;
  /** `Slow` or `Expensive`. */
  name: string;
  column: string;
  limits: readonly Limit[];
  /** The limit that the data itself suggests; null while it is unknown. */
  suggested: number | null;
  suggestedLabel: (value: number) => string;
  isAsking: boolean;
  isOpen: boolean;
  onToggle: (isOpen: boolean) => void;
  filters: readonly string[];
  onFilters: (filters: string[]) => void;
}

/** Keep to what is above a limit: one that the data suggests, or one of the usual ones. */
export function LimitMenu(props: LimitMenuProps) {
  const { icon, name, column, limits, suggested, suggestedLabel, isAsking, filters, onFilters } = props;
  const { t } = useTranslation("traces");
  const isLimit = (text: string) => {
    const filter = parseFilter(text);
    return filter?.column === column && (filter.operator === "gte" || filter.operator === "gt");
  };
  const others = filters.filter((text) => !isLimit(text));
  const isOn = others.length < filters.length;
  const choose = (limit: number) => onFilters([...others, `${column}:gte:${limit}`]);
  return (
    <Menu opened={props.isOpen} onChange={props.onToggle} position="bottom-start" shadow="md">
      <Menu.Target>
        <Button
          variant={isOn ? "light" : "default"}
          size="compact-sm"
          leftSection={icon}
          rightSection={<IconChevronDown size={12} aria-hidden />}
          aria-pressed={isOn}
        >
          {name}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item disabled={suggested === null} onClick={() => suggested !== null && choose(suggested)}>
          {suggested !== null ? suggestedLabel(suggested) : t(isAsking ? "quick.asking" : "quick.unknown")}
        </Menu.Item>
        <Menu.Divider />
        {limits.map((limit) => (
          <Menu.Item key={limit.value} onClick={() => choose(limit.value)}>
            {limit.label}
          </Menu.Item>
        ))}
        {isOn && (
          <>
            <Menu.Divider />
            <Menu.Item onClick={() => onFilters(others)}>{t("quick.off")}</Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
