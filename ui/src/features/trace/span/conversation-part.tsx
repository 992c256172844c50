import { IconCornerDownRight, IconFile, IconMicrophone, IconPhoto, IconTool } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { MessagePart } from "@/api/trace";
import { CopyButton } from "@/components/ui/copy-button";
import { LongText } from "@/components/ui/long-text";
import { useLanguage } from "@/i18n";
import { cutText, prettyJson, visibleLine } from "@/lib/foreign-text";
import { formatBytes } from "@/lib/format";
import classes from "./conversation.module.css";

/** A part of a message. Foreign content is only ever text: no markup, no picture is loaded. */
export function Part({ part }: { part: MessagePart }) {
  const { t } = useTranslation("trace");
  switch (part.type) {
    case "reasoning":
      return (
        <details className={classes.fold}>
          <summary>{t("conversation.reasoning")}</summary>
          <LongText text={part.text ?? ""} />
        </details>
      );
    case "tool_call":
    case "tool_result":
      return <ToolPart part={part} />;
    case "image":
    case "audio":
    case "file":
      return <FilePart part={part} />;
    case "data":
      return <LongText text={prettyJson(part.text ?? "") ?? part.text ?? ""} isMono />;
    default:
      return <TextPart text={part.text ?? ""} />;
  }
}

/** Answers are often JSON: then as JSON, else as they are. */
function TextPart({ text }: { text: string }) {
  const json = text.length < 200_000 ? prettyJson(text) : null;
  return <LongText text={json ?? text} isMono={json !== null} />;
}

function ToolPart({ part }: { part: MessagePart }) {
  const { t } = useTranslation("trace");
  const isCall = part.type === "tool_call";
  const text = (isCall ? part.arguments : part.text) ?? part.text ?? "";
  const Icon = isCall ? IconTool : IconCornerDownRight;
  return (
    <div className={classes.tool}>
      <header>
        <Icon size={14} aria-hidden />
        <span>{isCall ? t("conversation.toolCall") : t("conversation.toolResult")}</span>
        {part.tool_name && (
          <strong className="pw-mono pw-foreign">{cutText(visibleLine(part.tool_name), 120)}</strong>
        )}
        {part.tool_call_id && (
          <span className="pw-mono pw-foreign" style={{ color: "var(--pw-ink-faint)" }}>
            {cutText(visibleLine(part.tool_call_id), 40)}
          </span>
        )}
        {text && (
          <CopyButton value={text} what={isCall ? t("conversation.arguments") : t("conversation.result")} />
        )}
      </header>
      {text ? (
        <LongText text={prettyJson(text) ?? text} isMono shown={1200} />
      ) : (
        t("conversation.noArguments")
      )}
    </div>
  );
}

const FILE_ICONS = { image: IconPhoto, audio: IconMicrophone, file: IconFile } as const;

function FilePart({ part }: { part: MessagePart }) {
  const { t } = useTranslation("trace");
  const language = useLanguage();
  const type = part.type === "image" || part.type === "audio" ? part.type : "file";
  const Icon = FILE_ICONS[type];
  const facts = [
    part.media_type && cutText(visibleLine(part.media_type), 80),
    part.bytes !== null && formatBytes(part.bytes, language),
  ].filter(Boolean);
  return (
    <span className={classes.file}>
      <Icon size={18} aria-hidden />
      <span>
        {t(`conversation.${type}`)}
        {facts.length > 0 && ` · ${facts.join(" · ")}`}
        {part.text && <LongText text={part.text} isMono shown={160} />}
      </span>
    </span>
  );
}
