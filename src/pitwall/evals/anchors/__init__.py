"""Anchors: answers that never change, judged again on a schedule, to tell when the judge has moved."""
