import {
  Button,
  Code,
  Group,
  SegmentedControl,
  Stack,
  Table,
  Text,
  useMantineColorScheme,
} from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { sessionQuery, useLogOut } from "@/api/session";
import { statusQuery } from "@/api/status";
import { Page } from "@/components/ui/page";
import { Panel } from "@/components/ui/panel";
import { QueryView } from "@/components/ui/states";
import { chooseLanguage, useLanguage } from "@/i18n";
import { LANGUAGES, type Language } from "@/i18n/languages";
import { formatCount, formatInstant, NO_VALUE, timeZoneName } from "@/lib/format";
import { usePageState } from "@/lib/page-state";

const DOORS = ["http", "otlp_http", "otlp_grpc"] as const;
const SCHEMES = ["auto", "light", "dark"] as const;

/** How this browser shows things, who one is, and what the server says of itself. */
export function SettingsPage() {
  const { t } = useTranslation("shell");
  return (
    <Page title={t("page.settings")}>
      <Appearance />
      <Access />
      <Server />
    </Page>
  );
}

function Appearance() {
  const { t } = useTranslation("shell");
  const language = useLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Panel title={t("settings.appearance")}>
      <Stack gap="sm" align="flex-start">
        <Choice label={t("language")}>
          <SegmentedControl
            size="xs"
            aria-label={t("language")}
            value={language}
            data={LANGUAGES.map((value) => ({ value, label: t(`languageName.${value}`) }))}
            onChange={(value) => void chooseLanguage(value as Language)}
          />
        </Choice>
        <Choice label={t("settings.theme")}>
          <SegmentedControl
            size="xs"
            aria-label={t("settings.theme")}
            value={colorScheme}
            data={SCHEMES.map((value) => ({ value, label: t(`settings.scheme.${value}`) }))}
            onChange={(value) => setColorScheme(value as (typeof SCHEMES)[number])}
          />
        </Choice>
        <Text size="sm">{t("settings.timeZone", { zone: timeZoneName() })}</Text>
      </Stack>
    </Panel>
  );
}

/** A control with its name beside it; the control says the name itself to screen readers. */
function Choice({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Group gap="sm">
      <Text size="sm" c="dimmed" w={88} aria-hidden>
        {label}
      </Text>
      {children}
    </Group>
  );
}

function Access() {
  const { t } = useTranslation("shell");
  const session = useQuery(sessionQuery);
  const logOut = useLogOut();
  return (
    <Panel title={t("settings.access")}>
      <QueryView query={session} height={48}>
        {({ is_anonymous, principal }) => (
          <Stack gap="sm" align="flex-start">
            <Text size="sm">
              {is_anonymous || !principal
                ? t("settings.anonymous")
                : t("settings.principal", { name: principal.name, scopes: principal.scopes.join(", ") })}
            </Text>
            {!is_anonymous && (
              <Button variant="default" loading={logOut.isPending} onClick={() => logOut.mutate()}>
                {t("settings.logOut")}
              </Button>
            )}
          </Stack>
        )}
      </QueryView>
    </Panel>
  );
}

function Server() {
  const { t } = useTranslation("shell");
  const language = useLanguage();
  const { scope } = usePageState();
  const status = useQuery(statusQuery(scope));
  const count = (value: number | null) => (value === null ? NO_VALUE : formatCount(value, language));
  return (
    <Panel title={t("settings.server")} isFlush>
      <QueryView query={status} height={240} skeletonRows={6}>
        {(facts) => (
          <Table verticalSpacing={4}>
            <Table.Tbody>
              {(
                [
                  [t("settings.version"), facts.version],
                  [t("settings.profile"), facts.profile],
                  [t("settings.started"), formatInstant(facts.started_at, language)],
                  [t("settings.spans"), count(facts.spans_total)],
                  [t("settings.points"), count(facts.points_total)],
                  [t("settings.logs"), count(facts.logs_total)],
                  [t("settings.scores"), count(facts.scores_total)],
                  [t("settings.deadLetters"), count(facts.dead_letters_total)],
                  ...DOORS.flatMap((door) =>
                    facts.addresses[door]
                      ? [[t(`settings.door.${door}`), facts.addresses[door]] as const]
                      : [],
                  ),
                ] as const
              ).map(([name, value]) => (
                <Table.Tr key={name}>
                  <Table.Th w={{ base: 132, sm: 212 }} pl={12} fw={400} c="dimmed" scope="row">
                    {name}
                  </Table.Th>
                  <Table.Td>{value.startsWith("http") ? <Code>{value}</Code> : value}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )}
      </QueryView>
    </Panel>
  );
}
