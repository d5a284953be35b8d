"""What the commands of a fleet take on the command line. Imports nothing heavy."""

import argparse

from orchestrator import flags


def for_fleet(parser: argparse.ArgumentParser) -> None:
    """Which fleet."""
    parser.add_argument(
        "--database", metavar="URL", help="the fleet's PostgreSQL, without a password (default: this machine alone)"
    )
    parser.add_argument("--store", metavar="WHERE", help="where runs keep what other hosts need: a folder or a URL")


def batch(parser: argparse.ArgumentParser) -> None:
    """What ``batch`` takes."""
    parser.add_argument(
        "what",
        metavar="FILE|ACTION",
        help="a file with one run a line (JSON Lines, or a YAML list); or status, watch, cancel, retry, results",
    )
    parser.add_argument("batch", nargs="?", metavar="BATCH", help="id of a batch, the first signs of it, or `last`")
    flags.json(parser)
    for_fleet(parser)
    file = parser.add_argument_group("with a file")
    file.add_argument("--strict", action="store_true", help="start nothing where a line cannot be read")
    file.add_argument("--detach", action="store_true", help="submit only; see to it with `batch watch`")
    file.add_argument("--name", metavar="TEXT", help="how the batch is called (default: the file's name)")
    file.add_argument(
        "--slots", metavar="N", type=flags.whole(1), default=2, help="runs at a time on this machine (default: 2)"
    )
    limits = parser.add_argument_group("limits of the whole batch, checked before every run and every model call")
    limits.add_argument("--max-calls", metavar="N", type=flags.whole(1), help="model calls")
    limits.add_argument("--max-tokens", metavar="N", type=flags.whole(1), help="tokens, prompts and answers together")
    limits.add_argument("--max-cost", metavar="USD", type=flags.positive, help="US dollars; needs prices")
    limits.add_argument("--max-seconds", metavar="N", type=flags.positive, help="wall seconds from its first run on")
    actions = parser.add_argument_group("with an action")
    actions.add_argument("--run", metavar="RUN", help="cancel this run alone")
    actions.add_argument("--outcome", metavar="OUTCOME", action="append", help="retry only these; repeatable")
    actions.add_argument("--out", metavar="DIR", help="results: also write index.html, reports and patches there")
    actions.add_argument(
        "--branches", metavar="DIR", help="results: make a branch of each verified change in this repository"
    )


def worker(parser: argparse.ArgumentParser) -> None:
    """What ``worker`` takes."""
    for_fleet(parser)
    parser.add_argument("--slots", metavar="N", type=flags.whole(1), default=2, help="runs at a time (default: 2)")
    parser.add_argument(
        "--poll",
        metavar="SECONDS",
        type=flags.positive,
        default=1.0,
        help="between two looks (default: 1)",
    )
    parser.add_argument("--health", metavar="PORT", type=flags.whole(0), help="serve /health and /metrics on 127.0.0.1")
    parser.add_argument(
        "--keep-days", metavar="N", type=flags.positive, default=30.0, help="what ended runs keep (default: 30)"
    )
    parser.add_argument("--until-empty", action="store_true", help="leave once nothing waits and nothing runs")
    parser.add_argument(
        "--prepare", action="store_true", help="only make the database's tables, or bring them up to date"
    )
