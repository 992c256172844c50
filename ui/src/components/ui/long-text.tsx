import { Button } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "@/i18n";
import { cutText, splitText, visibleText } from "@/lib/foreign-text";
import { formatCount } from "@/lib/format";
import { CopyButton } from "./copy-button";
import classes from "./long-text.module.css";

const PIECE_LENGTH = 4000;

interface LongTextProps {
  text: string;
  /** What the text is, to complete "Copy …"; without it there is no button to copy. */
  what?: string;
  /** Characters shown before somebody asks for all. */
  shown?: number;
  isMono?: boolean;
}

/** Text from outside, whatever it holds and however long: cut first, the whole on demand and in pieces. */
export function LongText({ text, what, shown = 2000, isMono = false }: LongTextProps) {
  const { t } = useTranslation();
  const language = useLanguage();
  const [isWhole, setWhole] = useState(false);
  const isLong = text.length > shown * 1.2;
  const label = isWhole
    ? t("text.showLess")
    : t("text.showAll", { characters: formatCount(text.length, language) });
  return (
    <>
      {isWhole && isLong ? (
        <WholeText text={text} isMono={isMono} />
      ) : (
        <pre className={`${classes.text} pw-foreign`} data-mono={isMono || undefined} dir="auto">
          {visibleText(isLong ? cutText(text, shown) : text)}
        </pre>
      )}
      {(isLong || what) && (
        <div className={classes.more}>
          {isLong && (
            <Button
              variant="subtle"
              size="compact-xs"
              aria-expanded={isWhole}
              onClick={() => setWhole(!isWhole)}
            >
              {label}
            </Button>
          )}
          {what && <CopyButton value={text} what={what} />}
        </div>
      )}
    </>
  );
}

function WholeText({ text, isMono }: { text: string; isMono: boolean }) {
  const { t } = useTranslation();
  const pieces = useMemo(() => splitText(visibleText(text), PIECE_LENGTH), [text]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <div className={classes.whole} tabIndex={0} role="region" aria-label={t("text.whole")}>
      {pieces.map((piece, index) => (
        <pre
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a text have no other name than their place
          key={index}
          className={`${classes.text} ${classes.piece} pw-foreign`}
          data-mono={isMono || undefined}
          dir="auto"
        >
          {piece}
        </pre>
      ))}
    </div>
  );
}
