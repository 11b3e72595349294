"""The command line: parse, call one function of `study`, render, exit.

A command is one function in one small module, named in `main.COMMANDS`, and imported only when it is called: `hpsearch --help`
imports click alone. Progress and messages go to stderr; stdout holds what was asked for, and JSON alone under `--json`.
"""
