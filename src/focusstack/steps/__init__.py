"""The verbs of a run, in order: read, align, tone, focus, fuse, write.

Steps do not import one another; the pipeline joins them.
"""
