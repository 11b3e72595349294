"""The words of the field as frozen values: trials, results, metrics, keys, errors, clock, seeds.

Everything else speaks in these. Nothing here reads a file, a socket, or the time (the clock is injected; `files` replaces a
file for whoever asks), and nothing here imports another room of hpsearch or any third-party package.
"""
