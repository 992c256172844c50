"""The archive of trace files: old ones packed and moved, found again, and brought back.

A file is packed beside the archive, compared with what it was made from, put into its place, written into the
index, and only then is the original removed. Whatever kills the process, the next run finishes what it began:
at every moment the records stand in at least one whole file, and at most one is counted.
"""
