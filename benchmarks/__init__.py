"""hpsearch measured against what people use instead: `python -m benchmarks.run`, or `make bench`.

cases/         the work, as data, a grid and what scores a configuration
studies/       the same as hpsearch's studies
peers/         a script for each tool; environments/ has those that hpsearch's own Python does not hold
contests.py    runs everybody in turn on a case and compares scores; goals.py says what is aimed at and whether it was reached
measures.py    what has no contest: imports, start-up, memory, trials with MLflow on; edges.py: the first result, and the way out
node_memory.py how many copies of a table a node holds; watching.py looks at its processes meanwhile
importance.py  what matters among 1,000 trials, against Optuna's fANOVA
million.py     a million trials, read and ranked
bound.py       how much of case a can be saved at all
catalogue.py   all of them by name; run.py is the command, page.py its Markdown, RESULTS.md what it found
common.py      orders runs and tells ratios
best_set.py    how often the best set errs; chances.py what other chances and intervals are worth, claims.py what is said of noise
"""
