import { Kbd, Modal, Table, useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { keptSearch, usePageState } from "@/lib/page-state";
import { useShortcut, useShortcutList } from "@/lib/shortcuts";
import { shiftRange } from "@/lib/time-range";
import { DESTINATIONS, type Destination } from "./navigation";

/** Shortcuts that work on every page, and the sheet that lists all there are. */
export function GlobalShortcuts({ onSearch }: { onSearch: () => void }) {
  const { t } = useTranslation("shell");
  const [isHelpOpen, help] = useDisclosure(false);
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme();
  const { range, setRange, isLive, setPaused } = usePageState();
  const [everywhere, time] = [t("shortcut.everywhere"), t("shortcut.time")];
  useShortcut("mod+k", t("search"), everywhere, onSearch);
  useShortcut("?", t("shortcut.help"), everywhere, help.toggle);
  useShortcut("d", t("shortcut.theme"), everywhere, () =>
    setColorScheme(scheme === "dark" ? "light" : "dark"),
  );
  useShortcut("p", t("shortcut.pause"), time, () => setPaused(isLive));
  useShortcut("[", t("shortcut.earlier"), time, () => setRange(shiftRange(range, -0.5, new Date())));
  useShortcut("]", t("shortcut.later"), time, () => setRange(shiftRange(range, 0.5, new Date())));
  return (
    <>
      {DESTINATIONS.map((destination) => (
        <GoTo key={destination.name} destination={destination} />
      ))}
      <Modal
        opened={isHelpOpen}
        onClose={help.close}
        title={t("shortcut.title")}
        closeButtonProps={{ "aria-label": t("close") }}
      >
        <HelpTable />
      </Modal>
    </>
  );
}

function GoTo({ destination }: { destination: Destination }) {
  const { t } = useTranslation("shell");
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const page = t(`page.${destination.name}`);
  useShortcut(`g ${destination.key}`, t("shortcut.goTo", { page }), t("shortcut.pages"), () => {
    void navigate({ to: destination.to, search: keptSearch(search) });
  });
  return null;
}

function HelpTable() {
  const { t } = useTranslation("shell");
  const shortcuts = useShortcutList();
  const groups = [...new Set(shortcuts.map(({ group }) => group))];
  return (
    <Table verticalSpacing={4}>
      {groups.map((group) => (
        <Fragment key={group}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th colSpan={2} scope="colgroup">
                {group}
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shortcuts
              .filter((shortcut) => shortcut.group === group)
              .map(({ keys, label }) => (
                <Table.Tr key={keys}>
                  <Table.Td>{label}</Table.Td>
                  <Table.Td ta="right">
                    {keys.split(" ").map((key) => (
                      <Kbd key={key} ml={4} size="sm">
                        {key.replace("mod", t("shortcut.mod"))}
                      </Kbd>
                    ))}
                  </Table.Td>
                </Table.Tr>
              ))}
          </Table.Tbody>
        </Fragment>
      ))}
    </Table>
  );
}
