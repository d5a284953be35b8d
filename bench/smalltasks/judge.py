"""Judge an answer; runs inside the sandbox, in the folder where the answer's module stands.

usage: judge.py tests NAME        prints PASSED if every test of test_NAME.py does
       judge.py calls NAME FILE   prints what the function answers to each call in FILE, as a JSON list of texts
"""

import ast
import importlib
import io
import json
import resource
import sys
from contextlib import redirect_stdout
from pathlib import Path

CPU_SECONDS = 10

PASSED = "every test passes"


def main(how: str, name: str, calls: str = "") -> int:
    """Do one of the two; an answer that runs for ever is killed by the system."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    sys.path.insert(0, "")
    sys.dont_write_bytecode = True
    with redirect_stdout(io.StringIO()):  # what the answer prints is no answer
        told = tests(name) if how == "tests" else json.dumps(answers(name, Path(calls)))
    print(told)
    return 0


def tests(name: str) -> str:
    """Run every test; the first that fails ends the judge."""
    module = importlib.import_module(f"test_{name}")
    for attribute in dir(module):
        if attribute.startswith("test_"):
            getattr(module, attribute)()
    return PASSED


def answers(name: str, calls: Path) -> list[str]:
    """The answers to the calls, each as its literal, an exception as its type."""
    function = getattr(importlib.import_module(name), name)
    return [answer(function, ast.literal_eval(arguments)) for arguments in json.loads(calls.read_text())]


def answer(function: object, arguments: tuple[object, ...]) -> str:
    """One answer."""
    try:
        return repr(function(*arguments))  # type: ignore[operator]
    except Exception as error:
        return f"raises {type(error).__name__}"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
