"""The words of the field as frozen values: trials, results, metrics, keys, errors, clock, seeds.

Everything else speaks in these. Nothing here reads a file, a socket, or the time (the clock is injected),
and nothing here imports another room of hpsearch or any third-party package.
"""
