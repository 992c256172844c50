"""Which traces are in a sample: by their id alone, so that every process and every rule says the same."""

from __future__ import annotations

import hashlib

_BYTES = 8
_ALL = float(1 << (8 * _BYTES))


def is_sampled(trace_id: str, rate: float) -> bool:
    """Whether a trace is in the sample of a rate.

    A smaller sample is part of a larger one, so rules with different rates meet on the same traces.

    Args:
        trace_id: 32 hexadecimal digits.
        rate: From 0 to 1.
    """
    digest = hashlib.blake2b(bytes.fromhex(trace_id), digest_size=_BYTES, person=b"pitwall-online").digest()
    return int.from_bytes(digest) < rate * _ALL
