import { Button, Group, Modal, PasswordInput, Select, Stack, Switch, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Channel, type ChannelContent, useDeleteChannel, useSaveChannel } from "@/api/channels";
import { ErrorState } from "@/components/ui/states";
import { LANGUAGES } from "@/i18n/languages";
import { usePageState } from "@/lib/page-state";
import { contentOf, isChannelName, KINDS } from "./model";

interface ChannelDialogProps {
  isOpen: boolean;
  /** Null for a new one. */
  channel: Channel | null;
  channels: readonly Channel[];
  onClose: () => void;
}

/** Makes a channel or changes one; the address and the secret go in and never come out. */
export function ChannelDialog(props: ChannelDialogProps) {
  const { t } = useTranslation("notifications");
  return (
    <Modal
      opened={props.isOpen}
      onClose={props.onClose}
      title={props.channel ? t("channel.editOf", { name: props.channel.name }) : t("channel.add")}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      <ChannelForm {...props} />
    </Modal>
  );
}

function ChannelForm({ channel, channels, onClose }: ChannelDialogProps) {
  const { t } = useTranslation("notifications");
  const { scope } = usePageState();
  const saving = useSaveChannel(scope);
  const deletion = useDeleteChannel(scope);
  const [name, setName] = useState(channel?.name ?? "");
  const [content, setContent] = useState(() => contentOf(channel));
  const set = (change: Partial<ChannelContent>) => setContent((known) => ({ ...known, ...change }));
  const isWhole = isChannelName(name) && (channel !== null || Boolean(content.url?.trim()));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isWhole) saving.mutate({ name, content }, { onSuccess: onClose });
  };
  const error = saving.error ?? deletion.error;
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {!channel && (
          <TextInput
            label={t("channel.name")}
            description={t("channel.nameHint")}
            required
            data-autofocus
            maxLength={64}
            value={name}
            error={name && !isChannelName(name) ? t("channel.nameWrong") : null}
            onChange={(event) => setName(event.currentTarget.value)}
          />
        )}
        <Select
          label={t("channel.kind")}
          allowDeselect={false}
          data={KINDS.map((value) => ({ value, label: t(`channel.kinds.${value}`) }))}
          value={content.kind}
          onChange={(value) => set({ kind: KINDS.find((kind) => kind === value) ?? "webhook" })}
        />
        <Secrets channel={channel} content={content} onChange={set} />
        <Delivering channel={channel} channels={channels} content={content} onChange={set} />
        {error && <ErrorState error={error} />}
        <Group justify="space-between">
          {channel && channel.origin === "team" ? (
            <Button
              variant="default"
              loading={deletion.isPending}
              onClick={() => deletion.mutate(channel.name, { onSuccess: onClose })}
            >
              {t("channel.delete")}
            </Button>
          ) : (
            <span />
          )}
          <Button type="submit" loading={saving.isPending} disabled={!isWhole}>
            {t("save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface FieldsProps {
  channel: Channel | null;
  content: ChannelContent;
  onChange: (change: Partial<ChannelContent>) => void;
}

function Secrets({ channel, content, onChange }: FieldsProps) {
  const { t } = useTranslation("notifications");
  return (
    <>
      <PasswordInput
        label={t("channel.url")}
        description={t(`channel.urlHint.${content.kind}`)}
        placeholder={channel ? t("channel.kept") : "https://"}
        required={channel === null}
        autoComplete="off"
        value={content.url ?? ""}
        onChange={(event) => onChange({ url: event.currentTarget.value || null })}
      />
      {content.kind === "webhook" && (
        <PasswordInput
          label={t("channel.secret")}
          description={t("channel.secretHint")}
          placeholder={channel?.has_secret ? t("channel.kept") : ""}
          autoComplete="off"
          value={content.secret ?? ""}
          onChange={(event) => onChange({ secret: event.currentTarget.value || null })}
        />
      )}
    </>
  );
}

function Delivering({
  channel,
  channels,
  content,
  onChange,
}: FieldsProps & Pick<ChannelDialogProps, "channels">) {
  const { t } = useTranslation("notifications");
  const others = channels.map(({ name }) => name).filter((name) => name !== channel?.name);
  return (
    <>
      <Group grow align="flex-start" preventGrowOverflow={false}>
        <Select
          label={t("channel.language")}
          clearable
          placeholder={t("channel.anyLanguage")}
          data={LANGUAGES.map((value) => ({ value, label: t(`channel.languageName.${value}`) }))}
          value={content.language ?? null}
          onChange={(value) => onChange({ language: LANGUAGES.find((known) => known === value) ?? null })}
        />
        <Select
          label={t("channel.fallback")}
          clearable
          data={others}
          value={content.fallback ?? null}
          onChange={(fallback) => onChange({ fallback })}
        />
      </Group>
      <Switch
        size="xs"
        label={t("channel.sendResolved")}
        checked={content.send_resolved}
        onChange={(event) => onChange({ send_resolved: event.currentTarget.checked })}
      />
      <Switch
        size="xs"
        label={t("channel.enabled")}
        checked={content.is_enabled}
        onChange={(event) => onChange({ is_enabled: event.currentTarget.checked })}
      />
    </>
  );
}
