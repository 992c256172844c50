import { useTranslation } from "react-i18next";
import { type CostDay, usdOf } from "@/api/costs";
import { useLanguage } from "@/i18n";
import { formatCost, NO_VALUE } from "@/lib/format";
import classes from "./month-bars.module.css";

const HEIGHT = 140;
const SLOT = 20;
const GAP = 3;

/** Spend day by day; what is still to come is drawn as an outline with its interval. */
export function MonthBars({ days }: { days: readonly CostDay[] }) {
  const { t } = useTranslation("costs");
  const language = useLanguage();
  const top = Math.max(...days.map(topOf), 0);
  if (top === 0) return <p className={classes.nothing}>{t("days.nothing")}</p>;
  return (
    <figure className={classes.figure}>
      <div className={classes.plot}>
        <span className={classes.scale} aria-hidden="true">
          {formatCost(top, language)}
        </span>
        <svg
          viewBox={`0 0 ${days.length * SLOT} ${HEIGHT}`}
          preserveAspectRatio="none"
          className={classes.bars}
          aria-hidden="true"
        >
          {days.map((day, index) => (
            <DayBar key={day.date} day={day} x={index * SLOT} top={top} />
          ))}
        </svg>
        <div
          className={classes.axis}
          style={{ gridTemplateColumns: `repeat(${days.length}, 1fr)` }}
          aria-hidden="true"
        >
          {days.map(({ date }) => (
            <span key={date}>{isLabelled(date) ? Number(date.slice(8)) : null}</span>
          ))}
        </div>
      </div>
      <DayTable days={days} />
    </figure>
  );
}

function isLabelled(date: string): boolean {
  const day = Number(date.slice(8));
  return day === 1 || (day % 5 === 0 && day < 31);
}

/** The spend of a day so far together with what it is like to cost yet, at most. */
function topOf(day: CostDay): number {
  return (usdOf(day.cost_usd) ?? 0) + (day.ahead ? Number(day.ahead.high_usd) : 0);
}

function DayBar({ day, x, top }: { day: CostDay; x: number; top: number }) {
  const language = useLanguage();
  const cost = usdOf(day.cost_usd) ?? 0;
  const y = (usd: number) => HEIGHT - (usd / top) * (HEIGHT - 4);
  const [left, width, middle] = [x + GAP / 2, SLOT - GAP, x + SLOT / 2];
  const { ahead } = day;
  const end = ahead ? cost + Number(ahead.usd) : cost;
  return (
    <g>
      <title>{`${day.date} ${formatCost(end, language)}`}</title>
      <rect x={x} y={0} width={SLOT} height={HEIGHT} className={classes.slot} />
      {cost > 0 && (
        <rect
          x={left}
          y={y(cost)}
          width={width}
          height={HEIGHT - y(cost)}
          className={classes.spent}
          data-incomplete={!day.is_complete || undefined}
        />
      )}
      {ahead && (
        <>
          <rect x={left} y={y(end)} width={width} height={y(cost) - y(end)} className={classes.ahead} />
          <line
            x1={middle}
            x2={middle}
            y1={y(cost + Number(ahead.low_usd))}
            y2={y(cost + Number(ahead.high_usd))}
            className={classes.interval}
          />
        </>
      )}
    </g>
  );
}

/** The same for those who cannot see the bars. */
function DayTable({ days }: { days: readonly CostDay[] }) {
  const { t } = useTranslation("costs");
  const language = useLanguage();
  return (
    <div className={`${classes.table} pw-visually-hidden`}>
      <table>
        <caption>{t("days.title")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("days.day")}</th>
            <th scope="col">{t("days.spent")}</th>
            <th scope="col">{t("days.ahead")}</th>
          </tr>
        </thead>
        <tbody>
          {days.map(({ date, cost_usd, ahead }) => (
            <tr key={date}>
              <th scope="row">{date}</th>
              <td>{formatCost(usdOf(cost_usd), language)}</td>
              <td>{ahead ? formatCost(Number(ahead.usd), language) : NO_VALUE}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
