"""The words by which test runners say why a test is red."""

import re

TIMED_OUT_LINE = "[stopped: it did not end within {seconds:g} seconds]"
"""What is added to the output of a check that was stopped."""


NOTHING_LINE = "[proves nothing: it ended well, but no test that it should have run is said to have passed]"
"""What is added to the output of a check whose exit code says more than its tests."""


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{p})" for p in patterns), re.M)


TIMED_OUT = _any(r"^\[stopped: it did not end within [\d.e+]+ seconds\]$")

NO_TESTS = _any(
    r"\bno tests (?:ran|collected|found)\b", r"^collected 0 items", r"^Ran 0 tests", r"^NO TESTS RAN",
    r"No tests found", r"\[no tests? (?:files|to run)\]", r"no test files", r"^(?:#|\u2139) tests 0$",
    r"No test files found",
    r"^error: no test target named", r"^\[proves nothing: ",
)  # fmt: skip

BROKEN_TEST = _any(
    r"^E\s+(?:SyntaxError|IndentationError|TabError)\b",
    r"^(?:SyntaxError|IndentationError|TabError): (?!.*does not provide an export)",
    r"^E\s+fixture '.*' not found", r"^[ \t]*SyntaxError: (?!.*does not provide an export)",
    r"^error: (?:expected|unexpected|unknown start|this file contains an unclosed|mismatched closing|unterminated)",
    r"syntax error: ", r"\.go:\d+:\d+: (?:expected |missing |\"\S+\" imported and not used|declared and not used)",
    r"expected (?:declaration|statement|operand|'package'), found", r"^\[ERROR\].*(?:';' expected|illegal start of)",
)  # fmt: skip

MISSING_NAME = _any(
    r"^(?:E\s+)?(?:ImportError|ModuleNotFoundError|NameError|UnboundLocalError|NotImplementedError)\b",
    r"^(?:E\s+)?AttributeError: .*has no attribute",
    r"^(?:E\s+)?TypeError: .*(?:unexpected keyword argument|positional arguments? but|required positional argument)",
    r"^(?:E\s+)?TypeError: .*(?:required keyword-only argument|takes no arguments|takes no keyword arguments)",
    r"(?:Reference|Type)Error: .*(?:is not defined|is not a function|is not a constructor|value undefined is not)",
    r"does not provide an export named", r"Cannot find (?:module|package)", r"ERR_MODULE_NOT_FOUND",
    r"ERR_PACKAGE_PATH_NOT_EXPORTED",
    r"^error\[E0(?:425|432|433|599|412|405|407|423|560|609|061|107|583|422|531|576)\]",
    r"undefined: \w", r"has no field or method", r"(?:not enough|too many) arguments in call",
    r"is not in std|no required module provides package|undefined \(type .* has no", r"cannot find symbol",
    r"package \S+ does not exist", r"unknown field \w+ in struct literal",
)  # fmt: skip

ASSERTION = _any(
    r"^(?:E\s+)?AssertionError\b", r"^E\s+assert\b", r"^E\s+Failed: ", r"DID NOT RAISE", r"\bERR_ASSERTION\b",
    r"\bAssertionError\b", r"^FAIL: ", r"panicked at ", r"^[ \t]*--- FAIL: ", r"expect\(.*\)\.", r"<<< FAILURE!",
    r"AssertionFailedError|java\.lang\.AssertionError", r"^[ \t]*✖ .*", r"^[ \t]*not ok \d",
)  # fmt: skip

_TEST_FILE = r"(?!\S*(?:test_|_test\.py|tests?/|unittest/))"

CRASH_IN_CODE = _any(
    # The last place before the exception lies in the code under test, not in the test.
    rf"^{_TEST_FILE}[\w./-]+\.py:\d+: in .*\n(?:(?![\w./-]+\.py:\d+: in )(?!E ).*\n)*E\s+\w",
    rf'^  File "{_TEST_FILE}[^"<]+", line \d+, in .*\n(?:    .*\n)*\w[\w.]*(?:Error|Exception)\b',
)
