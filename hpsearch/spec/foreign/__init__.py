"""Other tools' files in, specs of ours out: W&B sweeps, Katib Experiments, Determined experiment configurations.

Comes in: a file's text. Goes out: `Imported`, whose text our own loader takes, with the file's comments, and whatever has no
counterpart, as comments and as a list: an importer reads a file by `Keys`, and what it does not take is listed. Each tool is a
file or two and a line in `importing.SYSTEMS`. Nothing here runs anything or reads a file beside the one given.
May import the rest of `spec`, which does not import it, and what lies below.
"""

from hpsearch.spec.foreign.importing import SYSTEMS, Imported, import_file, import_text

__all__ = ["SYSTEMS", "Imported", "import_file", "import_text"]
