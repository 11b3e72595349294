"""What people use instead, each a script that runs alone and prints one line of JSON; what they have in common is in script.py.

    python -m benchmarks.peers.grid_search_cv a        (from the repository's root; BENCH_SCALE=0.1 for a small one)

In: the name of a case. Out: times and scores (see script.py). Imports benchmarks.cases, and no hpsearch.
"""
