import { Chip, Group, Select } from "@mantine/core";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { GROUP_STATUSES, type GroupStatus } from "@/api/error-groups";
import { SearchInput } from "@/components/ui/search-input";
import { useShortcut } from "@/lib/shortcuts";
import { useClassName } from "./parts";
import { ERROR_CLASSES, type ErrorClass, type ErrorsSearch } from "./search";

interface ErrorFiltersProps {
  search: ErrorsSearch;
  onChange: (values: { [Key in keyof ErrorsSearch]?: ErrorsSearch[Key] | undefined }) => void;
}

/** Which errors are listed; all of it is kept in the address. */
export function ErrorFilters({ search, onChange }: ErrorFiltersProps) {
  const { t } = useTranslation("errors");
  const className = useClassName();
  const input = useRef<HTMLInputElement>(null);
  useShortcut("/", t("filter.text"), t("title"), () => input.current?.focus());
  return (
    <Group gap={8} role="search" aria-label={t("filter.label")}>
      <SearchInput
        ref={input}
        label={t("filter.text")}
        value={search.q ?? ""}
        onChange={(text) => onChange({ q: text || undefined })}
      />
      <Select
        aria-label={t("filter.class")}
        placeholder={t("filter.class")}
        clearable
        w={170}
        data={ERROR_CLASSES.map((value) => ({ value, label: className(value) }))}
        value={search.class ?? null}
        onChange={(value) => onChange({ class: (value as ErrorClass | null) ?? undefined })}
      />
      <Chip.Group
        multiple
        value={search.status ?? []}
        onChange={(status) => onChange({ status: status.length ? (status as GroupStatus[]) : undefined })}
      >
        <Group gap={4} role="group" aria-label={t("filter.status")}>
          {GROUP_STATUSES.map((status) => (
            <Chip key={status} value={status} size="xs" variant="outline">
              {t(`status.${status}`)}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
    </Group>
  );
}
