import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { SpanAnswer } from "@/api/trace";
import { CopyButton } from "@/components/ui/copy-button";
import { LongText } from "@/components/ui/long-text";
import { Note } from "@/components/ui/note";
import { visibleLine } from "@/lib/foreign-text";
import classes from "./details.module.css";

/** What the application said of the span, and of itself. */
export function AttributesTab({ span }: { span: SpanAnswer }) {
  const { t } = useTranslation("trace");
  const [text, setText] = useState("");
  return (
    <>
      <TextInput
        aria-label={t("attributes.find")}
        placeholder={t("attributes.find")}
        leftSection={<IconSearch size={14} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Attributes title={t("attributes.span")} attributes={span.attributes} text={text} />
      <Attributes title={t("attributes.resource")} attributes={span.resource_attributes} text={text} />
    </>
  );
}

interface AttributesProps {
  title: string;
  attributes: Record<string, unknown>;
  text: string;
}

function Attributes({ title, attributes, text }: AttributesProps) {
  const { t } = useTranslation("trace");
  const rows = useMemo(() => {
    const written = Object.entries(attributes).map(([key, value]) => [key, writtenValue(value)] as const);
    const wanted = text.trim().toLowerCase();
    return written
      .filter(([key, value]) => !wanted || `${key}\n${value}`.toLowerCase().includes(wanted))
      .sort(([left], [right]) => left.localeCompare(right));
  }, [attributes, text]);
  return (
    <section>
      <h3 className={classes.heading}>
        {title}
        <CopyButton value={JSON.stringify(attributes, null, 2)} what={t("attributes.json", { title })} />
      </h3>
      {rows.length === 0 ? (
        <Note>{text.trim() ? t("attributes.noMatch") : t("attributes.none")}</Note>
      ) : (
        <table className={classes.table}>
          <tbody>
            {rows.map(([key, value]) => (
              <tr key={key}>
                <th scope="row" className="pw-mono pw-foreign">
                  {visibleLine(key)}
                </th>
                <td>
                  <LongText text={value} isMono shown={400} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

/** A value as text; objects as JSON over lines. */
export function writtenValue(value: unknown): string {
  if (typeof value === "string") return value;
  return JSON.stringify(value, null, typeof value === "object" ? 2 : 0) ?? "";
}
