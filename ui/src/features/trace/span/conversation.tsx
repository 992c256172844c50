import { useTranslation } from "react-i18next";
import type { Conversation, Message, SpanAnswer } from "@/api/trace";
import { LongText } from "@/components/ui/long-text";
import { Note } from "@/components/ui/note";
import { cutText, prettyJson, visibleLine } from "@/lib/foreign-text";
import classes from "./conversation.module.css";
import { Part } from "./conversation-part";

const ROLES = ["system", "developer", "user", "assistant", "tool"] as const;

/** What was said to the model and what it said; for other spans, what went in and what came out. */
export function ConversationTab({ span }: { span: SpanAnswer }) {
  const { t } = useTranslation("trace");
  if (span.conversation && span.conversation.messages.length > 0)
    return <Chat conversation={span.conversation} />;
  const isRemoved = span.absent_texts.includes("input") || span.absent_texts.includes("output");
  if (span.input === null && span.output === null)
    return <Note>{isRemoved ? t("conversation.removed") : t("conversation.none")}</Note>;
  return (
    <>
      <WholeText title={t("conversation.input")} text={span.input} />
      <WholeText title={t("conversation.output")} text={span.output} />
    </>
  );
}

function WholeText({ title, text }: { title: string; text: string | null }) {
  const { t } = useTranslation("trace");
  if (text === null) {
    return (
      <section className={classes.section}>
        <h3>{title}</h3>
        <Note>{t("conversation.nothingSent")}</Note>
      </section>
    );
  }
  const json = prettyJson(text);
  return (
    <section className={classes.section}>
      <h3>{title}</h3>
      <LongText text={json ?? text} what={title} isMono={json !== null} />
    </section>
  );
}

function Chat({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation("trace");
  const { messages, tools } = conversation;
  return (
    <>
      {tools.length > 0 && (
        <details className={classes.fold} style={{ marginBottom: 8 }}>
          <summary>{t("conversation.tools", { count: tools.length })}</summary>
          <dl>
            {tools.map(({ name, description }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: tools may share a name
              <div key={index}>
                <dt className="pw-mono pw-foreign">{cutText(visibleLine(name), 200)}</dt>
                <dd>{description && <LongText text={description} shown={300} />}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
      {messages.map((message, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: messages of a call have no other name than their place
        <MessageView key={index} message={message} />
      ))}
    </>
  );
}

function MessageView({ message }: { message: Message }) {
  const { t } = useTranslation("trace");
  const { role, name, side, parts, omitted_before, omitted_parts } = message;
  const known = ROLES.find((word) => word === role);
  return (
    <>
      {omitted_before > 0 && (
        <p className={classes.omitted}>{t("conversation.omittedMessages", { count: omitted_before })}</p>
      )}
      <article className={classes.message} data-side={side}>
        <header className={classes.role}>
          <span className="pw-foreign">{known ? t(`role.${known}`) : cutText(visibleLine(role), 60)}</span>
          {name && <small className="pw-foreign">{cutText(visibleLine(name), 80)}</small>}
          {side === "output" && <small>{t("conversation.answer")}</small>}
        </header>
        {parts.map((part, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts have no other name than their place
          <div key={index} className={classes.part}>
            <Part part={part} />
          </div>
        ))}
        {omitted_parts > 0 && (
          <p className={classes.omitted}>{t("conversation.omittedParts", { count: omitted_parts })}</p>
        )}
      </article>
    </>
  );
}
