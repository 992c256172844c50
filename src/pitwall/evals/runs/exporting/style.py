"""How pages of runs and of their analyses look, light and dark."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --ink: #1c2430; --faint: #5d6878; --paper: #fff; --line: #d7dde5;
  --bar: #2f6fdb; --track: #eef1f5; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --faint: #9aa7b8; --paper: #12161c;
  --line: #313a46; --bar: #6ea0f5; --track: #212833; --bad: #ff8a80; } }
body { font: 15px/1.5 system-ui, "Noto Sans KR", sans-serif; color: var(--ink); background: var(--paper);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--faint); font-weight: 600; }
svg { width: 100%; height: auto; } svg text { fill: var(--ink); font-size: 12px; }
svg .small { fill: var(--faint); }
svg .end { text-anchor: end; } svg .bar { fill: var(--bar); } svg .track { fill: var(--track); }
svg .interval { stroke: var(--ink); stroke-width: 1.5; } svg .axis { stroke: var(--line); }
svg .threshold { stroke: var(--bad); stroke-width: 2; stroke-dasharray: 3 2; }
details { border-bottom: 1px solid var(--line); padding: .4rem 0; } summary { cursor: pointer; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .2rem 0; font: inherit; }
.bad { color: var(--bad); }
"""
