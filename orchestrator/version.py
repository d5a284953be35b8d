"""Which version of the program this is."""


def installed_version() -> str:
    """The program's version; empty where it runs from a source tree that is not installed."""
    from importlib.metadata import PackageNotFoundError, version  # half of what a small command takes to start

    try:
        return version("opencode-orchestrator")
    except PackageNotFoundError:
        return ""
