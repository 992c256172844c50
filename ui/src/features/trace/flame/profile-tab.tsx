import { Button, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "@/api/problem";
import { type Profile, profilesQuery, type SpanAnswer } from "@/api/trace";
import { Note } from "@/components/ui/note";
import { QueryView } from "@/components/ui/states";
import { useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatDuration, formatPercent } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import classes from "./flame.module.css";
import { FlameGraph } from "./flame-graph";
import { buildFlame, drawFlame, type FlameNode, huesOf, matchedTime, splitOf, totalOf } from "./model";
import { OwnTimes } from "./own-times";
import { useFlameKeys } from "./use-flame-keys";

/** Where a profiled request spent its time. */
export function ProfileTab({ span }: { span: SpanAnswer }) {
  const { t } = useTranslation("trace");
  const { scope } = usePageState();
  const query = useQuery(profilesQuery(scope, span.trace_id));
  if (query.error instanceof ApiProblem && query.error.isNotFound) return <Note>{t("profile.removed")}</Note>;
  return (
    <QueryView query={query} height={320} skeletonRows={8}>
      {(profiles) => {
        const own = profiles.find(({ span_id }) => span_id === span.span_id);
        return own ? <Flame key={own.span_id} profile={own} /> : <Note>{t("profile.removed")}</Note>;
      }}
    </QueryView>
  );
}

function Flame({ profile }: { profile: Profile }) {
  const { t } = useTranslation("trace");
  const nodes = useMemo(() => buildFlame(profile.frames), [profile]);
  const split = useMemo(() => splitOf(nodes), [nodes]);
  const hues = useMemo(() => huesOf(nodes), [nodes]);
  const [zoomed, setZoomed] = useState(split);
  const [chosen, setChosen] = useState(Math.max(0, split));
  const [hasLead, setLead] = useState(false);
  const [find, setFind] = useState("");
  const top = hasLead ? 0 : Math.max(0, split);
  const drawing = useMemo(() => drawFlame(nodes, { zoomed, top }), [nodes, zoomed, top]);
  const total = totalOf(nodes);
  const zoom = (index: number) => {
    setZoomed(index);
    setChosen(Math.max(0, index));
  };
  const onKeyDown = useFlameKeys({
    ...{ nodes, chosen, onChoose: setChosen, onZoom: zoom },
    isDrawn: (index) => drawing.boxes.some(({ node }) => node.index === index),
    onZoomOut: () => zoom(split),
  });
  if (nodes.length === 0) return <Note>{t("profile.empty")}</Note>;
  return (
    <>
      <FlameBar nodes={nodes} total={total} find={find} onFind={setFind} profile={profile}>
        {split > 0 && (
          <Button variant="subtle" size="compact-xs" onClick={() => setLead(!hasLead)}>
            {hasLead ? t("profile.hideLead") : t("profile.lead", { count: nodes[split]?.frame.depth ?? 0 })}
          </Button>
        )}
        {zoomed !== split && (
          <Button variant="default" size="compact-xs" onClick={() => zoom(split)}>
            {t("profile.whole")}
          </Button>
        )}
      </FlameBar>
      <FlameGraph {...{ drawing, hues, total, chosen, find, onKeyDown }} onChoose={setChosen} onZoom={zoom} />
      <ChosenFrame
        node={nodes[chosen]}
        total={total}
        onZoom={chosen === zoomed ? null : () => zoom(chosen)}
      />
      <FlameNotes profile={profile} small={drawing.small} />
      <OwnTimes nodes={nodes} total={total} onChoose={setFind} />
    </>
  );
}

interface FlameBarProps {
  nodes: readonly FlameNode[];
  profile: Profile;
  total: number;
  find: string;
  onFind: (words: string) => void;
  children: React.ReactNode;
}

function FlameBar({ nodes, profile, total, find, onFind, children }: FlameBarProps) {
  const { t } = useTranslation("trace");
  const language = useLanguage();
  const duration = formatDuration(profile.duration_ms ?? total, language);
  const matched = find.trim() && total > 0 ? matchedTime(nodes, find) / total : null;
  return (
    <div className={classes.bar}>
      <TextInput
        className={classes.find}
        aria-label={t("profile.find")}
        placeholder={t("profile.find")}
        leftSection={<IconSearch size={14} aria-hidden />}
        value={find}
        onChange={(event) => onFind(event.currentTarget.value)}
      />
      {matched !== null && (
        <span role="status">{t("profile.found", { share: formatPercent(matched, language) })}</span>
      )}
      <span>
        {profile.cpu_ms === null
          ? t("profile.summaryNoCpu", { duration })
          : t("profile.summary", { duration, cpu: formatDuration(profile.cpu_ms, language) })}
        {profile.sample_count !== null && ` · ${t("profile.samples", { count: profile.sample_count })}`}
      </span>
      {children}
    </div>
  );
}

interface ChosenFrameProps {
  node: FlameNode | undefined;
  total: number;
  /** Null where the frame fills the width already. */
  onZoom: (() => void) | null;
}

function ChosenFrame({ node, total, onZoom }: ChosenFrameProps) {
  const { t } = useTranslation("trace");
  const language = useLanguage();
  if (!node) return null;
  const { frame } = node;
  const written = (time: number) =>
    `${formatDuration(time, language)} (${formatPercent(total > 0 ? time / total : 0, language)})`;
  return (
    <dl className={classes.chosen}>
      <div>
        <dt>{t("profile.function")}</dt>
        <dd className="pw-mono">{cutText(visibleLine(frame.function), 300)}</dd>
      </div>
      <div>
        <dt>{t("profile.file")}</dt>
        <dd className="pw-mono">
          {frame.file ? cutText(visibleLine(frame.file), 300) : t("profile.noFile")}
        </dd>
      </div>
      <div>
        <dt>{t("profile.total")}</dt>
        <dd>{written(frame.total_ms)}</dd>
      </div>
      <div>
        <dt>{t("profile.self")}</dt>
        <dd>{written(frame.self_ms)}</dd>
      </div>
      {onZoom && (
        <div>
          <Button variant="default" size="compact-xs" onClick={onZoom}>
            {t("profile.zoom")}
          </Button>
        </div>
      )}
    </dl>
  );
}

function FlameNotes({ profile, small }: { profile: Profile; small: number }) {
  const { t } = useTranslation("trace");
  const language = useLanguage();
  return (
    <>
      <p className="pw-visually-hidden">{t("profile.keys")}</p>
      {small > 0 && <Note>{t("profile.small", { count: small })}</Note>}
      {profile.left_out_ms > 0 && (
        <Note>{t("profile.leftOut", { time: formatDuration(profile.left_out_ms, language) })}</Note>
      )}
      {profile.unreadable_lines > 0 && (
        <Note>{t("profile.unreadable", { count: profile.unreadable_lines })}</Note>
      )}
    </>
  );
}
