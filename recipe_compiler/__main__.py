"""`python -m recipe_compiler` is the command `recipec`."""

from recipe_compiler.cli.main import run

if __name__ == "__main__":
    run()
