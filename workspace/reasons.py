"""The words by which test runners say why a test is red."""

import re

TIMED_OUT_LINE = "[stopped: it did not end within {seconds:g} seconds]"
"""What is added to the output of a check that was stopped."""


NOTHING_LINE = "[proves nothing: it ended well, but no test that it should have run is said to have passed]"
"""What is added to the output of a check whose exit code says more than its tests."""


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{p})" for p in patterns), re.M)


TIMED_OUT = _any(
    r"^\[stopped: it did not end within [\d.e+]+ seconds\]$", r"^E\s+Failed: Timeout \(?>",
    r"^panic: test timed out after ", r"\btest timed out after \d+ms", r"Exceeded timeout of \d+ ms for a test",
    r"Error: Test timed out in \d+ms", r"Timeout of \d+ms exceeded", r"TestTimedOutException",
    r"timed out after \d+ seconds",
)  # fmt: skip

NO_TESTS = _any(
    r"\bno tests (?:ran|collected|found)\b", r"^collected 0 items", r"^Ran 0 tests", r"^NO TESTS RAN",
    r"No tests found", r"\[no tests? (?:files|to run)\]", r"no test files", r"^(?:#|\u2139) tests 0$",
    r"No test files found", r"Your test suite must contain at least one test", r"No test suite found in file",
    r"No tests were executed!", r"^[ \t]+0 passing$",
    r"^error: no test target named", r"^\[proves nothing: ",
)  # fmt: skip

BROKEN_TEST = _any(
    r"^E\s+(?:SyntaxError|IndentationError|TabError)\b",
    r"^(?:SyntaxError|IndentationError|TabError): (?!.*does not provide an export)",
    r"^E\s+fixture '.*' not found", r"^[ \t]*SyntaxError: (?!.*does not provide an export)",
    r"^error: (?:expected|unexpected|unknown start|this file contains an unclosed|mismatched closing|unterminated)",
    r"syntax error: ", r"\.go:\d+:\d+: (?:expected |missing |\"\S+\" imported and not used|declared and not used)",
    r"expected (?:declaration|statement|operand|'package'), found", r"^\[ERROR\].*(?:[';)]+ expected|illegal start of)",
    r"^Error: Transform failed with \d+ error", r"^[ \t]*ERROR: Expected \"",
)  # fmt: skip

MISSING_NAME = _any(
    r"^(?:E\s+)?(?:ImportError|ModuleNotFoundError|NameError|UnboundLocalError|NotImplementedError)\b",
    r"^(?:E\s+)?AttributeError: .*has no attribute",
    r"^(?:E\s+)?TypeError: .*(?:unexpected keyword argument|positional arguments? but|required positional argument)",
    r"^(?:E\s+)?TypeError: .*(?:required keyword-only argument|takes no arguments|takes no keyword arguments)",
    r"(?:Reference|Type)Error(?: \[Error\])?: .*(?:is not defined|is not a (?:function|constructor)|value undefined)",
    r"does not provide an export named", r"Cannot find (?:module|package)", r"ERR_MODULE_NOT_FOUND",
    r"ERR_PACKAGE_PATH_NOT_EXPORTED", r"Failed to resolve import ",
    r"^error\[E0(?:425|432|433|599|412|405|407|423|560|609|061|107|583|422|531|576|308)\]",
    r"undefined: \w", r"has no field or method", r"(?:not enough|too many) arguments in call",
    r"cannot use .* as \S+ value in argument",
    r"is not in std|no required module provides package|undefined \(type .* has no", r"cannot find symbol",
    r"package \S+ does not exist", r"unknown field \w+ in struct literal",
    r"(?:constructor|method) \S+ in (?:class|interface|enum|record) \S+ cannot be applied to given types",
)  # fmt: skip

ASSERTION = _any(
    r"^(?:E\s+)?AssertionError\b", r"^E\s+assert\b", r"^E\s+Failed: ", r"DID NOT RAISE", r"\bERR_ASSERTION\b",
    r"\bAssertionError\b", r"^FAIL: ", r"panicked at ", r"expect\(.*\)\.",
    r"AssertionFailedError|java\.lang\.AssertionError",
)  # fmt: skip
"""What a test asserts is not so."""

FAILED = _any(r"^[ \t]*--- FAIL: ", r"<<< FAILURE!", r"^[ \t]*✖ .*", r"^[ \t]*not ok \d")
"""A test failed, by an assertion or by a crash."""

CRASH = _any(
    r"^(?:E\s+)?\w[\w.]*(?:Error|Exception)\b(?=:|$)", r"^panic: ", r"^[ \t]*\w*Error \[\w+\]: ", r"^[ \t]*\w*Error: "
)  # fmt: skip
"""Something was raised."""

UNKNOWN_NAME = _any(r"^(?:E\s+)?NameError: ", r"ReferenceError(?: \[Error\])?: .* is not defined")
"""A name that nobody defined or imported where it is used: in a test it is the test's own fault."""

SYNTAX = _any(
    r"^(?:E\s+)?(?:SyntaxError|IndentationError|TabError): ", r"^[ \t]*SyntaxError: ", r"^error: (?!test|could not)",
    r"^(?:\./)?\S+\.go:\d+:\d+: (?:syntax error|expected |missing )", r"^\[ERROR\] \S+\.(?:java|kt):\[\d+,\d+\] ",
)  # fmt: skip
"""A file could not even be read by its compiler or interpreter."""

CANNOT_RUN = _any(
    r"^.*: (?:command )?not found$", r"^.*: Permission denied$", r"^\S*python\S*: No module named \S+$",
    r"^make(?:\[\d+\])?: \S+: No such file or directory$", r"^make: \*\*\* No rule to make target .*$",
    r"^npm (?:error|ERR!) (?:Missing script|could not determine executable).*$",
    r"^.*ERROR: usage: .*$", r"^.*: error: unrecognized arguments: .*$", r"^error: no such command: .*$",
    r"^.*in offline mode and the artifact .*$", r"^.*No cached version of .* available for offline mode.*$",
    r"^.*error: failed to (?:get|download|fetch) .*$", r"^error: no matching package named .*$",
    r"^node: bad option: .*$", r"^.*dial tcp: lookup .*$", r"^.*cannot open shared object file.*$",
    r"^.*can't open file .*$",
)  # fmt: skip
"""A line that says why a command never got as far as a test."""

MISSING_MODULE = _any(
    r"No module named '(?P<a>[\w.]+)'",
    r"cannot import name '\w+' from (?:partially initialized module )?'(?P<b>[\w.]+)'",
    r"Cannot find (?:module|package) '(?P<c>[^'\n]+)'", r"Failed to resolve import \"(?P<d>[^\"\n]+)\"",
    r"unresolved import `(?P<e>[\w:]+)`", r"unlinked crate `(?P<f>\w+)`",
    r"no required module provides package (?P<g>[^\s;:]+)",
    r"package (?P<h>\S+) is not in std", r"error: package (?P<i>[\w.]+) does not exist",
    r"\] package (?P<j>[\w.]+) does not exist",
)  # fmt: skip
"""What could not be imported."""
