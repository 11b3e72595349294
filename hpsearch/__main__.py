"""`python -m hpsearch`: the command line, where its script is not on the path."""

from hpsearch.cli.main import main

if __name__ == "__main__":
    main()
