"""Where trials run: the dispatcher as a Ray actor, workers as long-lived Ray Tune trials, and an in-process executor.

In: a Job. Out: the ledger filled, progress on the way. With `cluster`, the only importer of ray, and only inside the
functions that need it, so that `hpsearch plan` and the tests of the in-process executor start without it. Nothing is
imported here: a worker would wait for it.
"""
