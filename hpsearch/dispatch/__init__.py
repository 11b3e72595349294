"""The dispatcher: who evaluates what next, and what becomes of what they hand in.

In: a StudyPlan, a Searcher, the ledger. Out: work units leased, results committed before they are acknowledged, lost work
leased again; trials that share work leased together. Plain classes with an injected clock; knows neither Ray nor processes.
May import search, plan, ledger and below.
Nothing is imported here: a worker needs the messages alone, and would wait for the ledger's database.
"""
