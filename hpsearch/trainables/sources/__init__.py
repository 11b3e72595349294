"""Data sources, one file each; `loading.load_table` reads any of them and settles columns, types and target.

In: a DataSpec, the spec's folder and the task. Out: a Table. A new source is one file with a `read` and one line in
`loading._SOURCES`. Only the source that is asked for is imported, and pandas only where there is a data block.
"""
