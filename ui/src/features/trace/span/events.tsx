import { useTranslation } from "react-i18next";
import type { SpanAnswer, SpanEvent } from "@/api/trace";
import { LongText } from "@/components/ui/long-text";
import { Note } from "@/components/ui/note";
import { useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatDuration } from "@/lib/format";
import { writtenValue } from "./attributes";
import classes from "./details.module.css";

/** What happened during a span; exceptions with their stack. */
export function EventsTab({ span }: { span: SpanAnswer }) {
  const { t } = useTranslation("trace");
  if (span.events.length === 0) return <Note>{t("events.none")}</Note>;
  const start = Date.parse(span.started_at);
  return (
    <div>
      {span.events.map((event, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: events have no other name than their place
        <EventEntry key={index} event={event} offset={Date.parse(event.at) - start} />
      ))}
    </div>
  );
}

function EventEntry({ event, offset }: { event: SpanEvent; offset: number }) {
  const { t } = useTranslation("trace");
  const language = useLanguage();
  const isException = event.name === "exception";
  const rest = Object.entries(event.attributes).filter(([key]) => !isException || !SHOWN_APART.has(key));
  return (
    <article className={classes.entry}>
      <header>
        <strong className="pw-foreign">{cutText(visibleLine(event.name), 200)}</strong>
        <span>{t("events.after", { time: formatDuration(offset, language) })}</span>
      </header>
      {isException && <Failure attributes={event.attributes} />}
      {rest.length > 0 && (
        <table className={classes.table}>
          <tbody>
            {rest.map(([key, value]) => (
              <tr key={key}>
                <th scope="row" className="pw-mono pw-foreign">
                  {visibleLine(key)}
                </th>
                <td>
                  <LongText text={writtenValue(value)} isMono shown={600} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </article>
  );
}

const [TYPE, MESSAGE, STACK] = ["exception.type", "exception.message", "exception.stacktrace"] as const;
const SHOWN_APART: ReadonlySet<string> = new Set([TYPE, MESSAGE, STACK]);

function Failure({ attributes }: { attributes: SpanEvent["attributes"] }) {
  const { t } = useTranslation("trace");
  const [type, message, stack] = [attributes[TYPE], attributes[MESSAGE], attributes[STACK]];
  return (
    <div className={classes.failure}>
      {type != null && (
        <strong className="pw-foreign">{cutText(visibleLine(writtenValue(type)), 200)}</strong>
      )}
      {message != null && <LongText text={writtenValue(message)} shown={600} />}
      {stack != null ? (
        <LongText text={writtenValue(stack)} what={t("events.stack")} shown={6000} isMono />
      ) : (
        <Note>{t("events.noStack")}</Note>
      )}
    </div>
  );
}
