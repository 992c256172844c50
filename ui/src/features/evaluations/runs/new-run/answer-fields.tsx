import { Code, Radio, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Amount, type FieldsProps, Place } from "./fields";
import classes from "./new-run.module.css";
import { draftProblems, type ServiceDraft } from "./run-draft";

const COMMAND = "--target module:function";
const EXAMPLE_URL = "http://127.0.0.1:8000/ask";
const EXAMPLE_HEADER = "Authorization=Bearer secret://env/EVAL_TARGET_TOKEN";
const EXAMPLES = {
  ...{ answer: "choices.0.message.content", contexts: "sources" },
  ...{ toolCalls: "tool_calls", usage: "usage" },
};

/** Where answers come from: the dataset, or a service that is asked. */
export function AnswerFields(props: FieldsProps) {
  const { t } = useTranslation("evals");
  const { draft, onChange } = props;
  return (
    <Stack gap="xs">
      <Radio.Group
        size="xs"
        label={t("newRun.answers")}
        value={draft.answers}
        onChange={(value) => onChange({ answers: value === "http" ? "http" : "stored" })}
      >
        <div className={classes.choices}>
          <Radio size="xs" value="stored" label={t("newRun.answersFrom.stored")} />
          <Radio size="xs" value="http" label={t("newRun.answersFrom.http")} />
        </div>
      </Radio.Group>
      {draft.answers === "http" && <ServiceFields {...props} />}
      <Text size="xs" c="dimmed">
        {t("newRun.pythonHint")} <Code className={classes.command}>{COMMAND}</Code>
      </Text>
    </Stack>
  );
}

function ServiceFields({ draft, onChange, errors }: FieldsProps) {
  const { t } = useTranslation("evals");
  const { service } = draft;
  const problems = draftProblems(draft);
  const set = (values: Partial<ServiceDraft>) => onChange({ service: { ...service, ...values } });
  return (
    <>
      <TextInput
        label={t("newRun.service.url")}
        placeholder={EXAMPLE_URL}
        required
        inputMode="url"
        spellCheck={false}
        error={errors.at("target.url")}
        value={service.url}
        onChange={(event) => set({ url: event.currentTarget.value })}
      />
      <Textarea
        size="xs"
        label={t("newRun.service.body")}
        description={t("newRun.service.bodyHint")}
        classNames={{ input: classes.code }}
        rows={3}
        resize="vertical"
        spellCheck={false}
        error={problems.body ? t("newRun.service.noJson") : errors.at("target.body")}
        value={service.body}
        onChange={(event) => set({ body: event.currentTarget.value })}
      />
      <Text size="xs" c="dimmed">
        {t("newRun.service.places")}
      </Text>
      <PlaceFields service={service} set={set} errors={errors} />
      <Textarea
        size="xs"
        label={t("newRun.service.headers")}
        description={t("newRun.service.headersHint")}
        placeholder={EXAMPLE_HEADER}
        classNames={{ input: classes.code }}
        rows={2}
        resize="vertical"
        spellCheck={false}
        error={problems.headers ? t("newRun.service.noHeader") : errors.at("target.headers")}
        value={service.headers}
        onChange={(event) => set({ headers: event.currentTarget.value })}
      />
      <PaceFields service={service} set={set} errors={errors} />
    </>
  );
}

interface ServicePartProps extends Pick<FieldsProps, "errors"> {
  service: ServiceDraft;
  set: (values: Partial<ServiceDraft>) => void;
}

function PlaceFields({ service, set, errors }: ServicePartProps) {
  const { t } = useTranslation("evals");
  return (
    <div className={classes.pairs}>
      <Place
        label={t("newRun.service.answer")}
        example={EXAMPLES.answer}
        error={errors.at("target.answer")}
        value={service.answer}
        onChange={(answer) => set({ answer })}
      />
      <Place
        label={t("newRun.service.contexts")}
        example={EXAMPLES.contexts}
        error={errors.at("target.contexts")}
        value={service.contexts}
        onChange={(contexts) => set({ contexts })}
      />
      <Place
        label={t("newRun.service.toolCalls")}
        example={EXAMPLES.toolCalls}
        error={errors.at("target.tool_calls")}
        value={service.toolCalls}
        onChange={(toolCalls) => set({ toolCalls })}
      />
      <Place
        label={t("newRun.service.usage")}
        example={EXAMPLES.usage}
        error={errors.at("target.usage")}
        value={service.usage}
        onChange={(usage) => set({ usage })}
      />
    </div>
  );
}

function PaceFields({ service, set, errors }: ServicePartProps) {
  const { t } = useTranslation("evals");
  return (
    <div className={classes.grid}>
      <Amount
        label={t("newRun.service.timeout")}
        placeholder="60"
        most={3600}
        error={errors.at("target.timeout_seconds")}
        value={service.timeoutSeconds}
        onChange={(timeoutSeconds) => set({ timeoutSeconds })}
      />
      <Amount
        label={t("newRun.service.retries")}
        placeholder="2"
        most={10}
        isWhole
        error={errors.at("target.retries")}
        value={service.retries}
        onChange={(retries) => set({ retries })}
      />
      <Amount
        label={t("newRun.service.concurrency")}
        placeholder="8"
        least={1}
        most={512}
        isWhole
        error={errors.at("target.concurrency")}
        value={service.concurrency}
        onChange={(concurrency) => set({ concurrency })}
      />
    </div>
  );
}
