"""hpsearch measured against what people use instead: a script for each in `peers/`; `common.py` orders runs and tells ratios."""
