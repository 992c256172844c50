import { useTranslation } from "react-i18next";
import { BandMark } from "@/components/ui/band-mark";
import { Fact, Facts } from "@/components/ui/facts";
import { ForeignName } from "@/components/ui/foreign-name";
import { LongText } from "@/components/ui/long-text";
import { useLanguage } from "@/i18n";
import { visibleText } from "@/lib/foreign-text";
import { formatNumber, formatScore } from "@/lib/format";
import { bandOfVerdict, type Evidence, type EvidenceItem, type Judgement } from "../model/evidence";
import classes from "./evidence.module.css";
import { useEvidenceWords } from "./use-evidence-words";

interface EvidenceViewProps {
  evidence: Evidence;
  onLight: (chunks: readonly number[]) => void;
}

/** What a score rests on: judged items with their verdicts, plain facts, and the rest as it came. */
export function EvidenceView({ evidence, onLight }: EvidenceViewProps) {
  const words = useEvidenceWords();
  const language = useLanguage();
  return (
    <>
      {evidence.lists.map(({ name, items }) => (
        <section key={name} className={classes.list}>
          <h4>{words.name(name)}</h4>
          <ol>
            {items.map((item, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: an item is its place
              <Item key={index} item={item} number={index + 1} onLight={onLight} />
            ))}
          </ol>
        </section>
      ))}
      {evidence.parts.map((part) => (
        <section key={part.name} className={classes.part}>
          <h4>
            {words.name(part.name)}
            {part.value !== null && <b>{formatScore(part.value, "ratio", language)}</b>}
          </h4>
          <EvidenceView evidence={part.evidence} onLight={onLight} />
        </section>
      ))}
      {evidence.facts.length > 0 && (
        <Facts>
          {evidence.facts.map(([name, value]) => (
            <Fact key={name} name={words.name(name)}>
              {typeof value === "number" ? (
                formatNumber(value, language)
              ) : (
                <ForeignName text={words.value(value)} length={160} />
              )}
            </Fact>
          ))}
        </Facts>
      )}
      {evidence.rest.map(([name, value]) => (
        <section key={name} className={classes.list}>
          <h4>{words.name(name)}</h4>
          <LongText text={JSON.stringify(value, null, 2)} isMono shown={800} />
        </section>
      ))}
    </>
  );
}

interface ItemProps {
  item: EvidenceItem;
  number: number;
  onLight: (chunks: readonly number[]) => void;
}

/** A claim, sentence or question with its verdict; its chunks are lit while it is at hand. */
function Item({ item, number, onLight }: ItemProps) {
  const { t } = useTranslation("evals");
  const chunks = [...new Set(item.judgements.flatMap((judgement) => judgement.chunks))];
  const light = chunks.length > 0 ? () => onLight(chunks) : undefined;
  const dim = light && (() => onLight([]));
  const props = light
    ? {
        tabIndex: 0,
        "aria-label": t("evidence.light", { number }),
        role: "group",
        onFocus: light,
        onBlur: dim,
        onPointerEnter: light,
        onPointerLeave: dim,
      }
    : {};
  return (
    <li>
      <div className={classes.item} data-lights={light ? true : undefined} {...props}>
        <span className="pw-foreign">{visibleText(item.text)}</span>
        {item.judgements.map((judgement) => (
          <Verdict key={judgement.by ?? ""} judgement={judgement} />
        ))}
      </div>
    </li>
  );
}

function Verdict({ judgement }: { judgement: Judgement }) {
  const { t } = useTranslation("evals");
  const words = useEvidenceWords();
  const { by, verdict, reason, chunks, claims } = judgement;
  const sources = [
    ...chunks.map((chunk) => t("case.chunk", { number: chunk + 1 })),
    ...claims.map((claim) => t("evidence.claim", { number: claim + 1 })),
  ];
  return (
    <span className={classes.verdict}>
      {(verdict !== null || by !== null) && (
        <BandMark band={bandOfVerdict(verdict)} withWord word={words.verdict(verdict)} />
      )}
      {by !== null && by !== "chunks" && <small>{words.by(by)}</small>}
      {sources.map((source) => (
        <span key={source} className={classes.source}>
          {source}
        </span>
      ))}
      {reason && <span className={`${classes.reason} pw-foreign`}>{visibleText(reason)}</span>}
    </span>
  );
}
