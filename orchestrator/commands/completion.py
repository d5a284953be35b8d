"""The command ``completion``: the script that lets a shell complete commands, flags, folders and files."""

from argparse import ArgumentParser, Namespace

from orchestrator.arguments import whole_parser
from orchestrator.exits import VERIFIED
from orchestrator.manual import parsers


def completion(options: Namespace) -> int:
    """Print the script."""
    import shtab

    parser = whole_parser()
    for _, each in parsers(parser):
        tell_paths(each)
    print(shtab.complete(parser, shell=options.shell))
    return VERIFIED


def tell_paths(parser: ArgumentParser) -> None:
    """Mark what takes a folder or a file; the rest is free text."""
    import shtab

    kinds = {"DIR": shtab.DIRECTORY, "FILE": shtab.FILE}
    for action in parser._actions:
        if action.metavar in kinds:
            action.complete = kinds[str(action.metavar)]  # type: ignore[attr-defined]
