"""The values of a metric that was judged several times, for how far a judge agrees with itself."""

from __future__ import annotations

import numpy as np
from sqlalchemy import Connection, func, select

from pitwall.stats.clusters import FloatArray
from pitwall.stores.state.tables import eval_scores


def read_repeats(connection: Connection, run_id: str, metric: str) -> FloatArray | None:
    """Return the values of a metric by repetition (rows) and case; None where each case was judged once."""
    one = eval_scores.c
    mine = (one.run_id == run_id) & (one.metric == metric)
    last, repeated = connection.execute(
        select(func.max(one.position), func.max(one.sample)).where(mine)
    ).one()
    if not repeated:
        return None
    values: FloatArray = np.full((repeated + 1, last + 1), np.nan)
    query = select(one.sample, one.position, one.value).where(mine, one.value.is_not(None))
    for sample, position, value in connection.execute(query):
        values[sample, position] = value
    return values
