"""Protected paths."""

import pytest

from workspace.protected import is_test_path, why_protected


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("tests/test_money.py", "test"),
        ("shop/test_money.py", "test"),
        ("shop/money_test.go", "test"),
        ("tests/data/prices.csv", "test"),
        ("src/sum.test.ts", "test"),
        ("src/sum.spec.mjs", "test"),
        ("src/__tests__/sum.js", "test"),
        ("src/test/java/shop/SumTest.java", "test"),
        ("spec/models/user_spec.rb", "test"),
        ("crates/a/tests/accept.rs", "test"),
        ("conftest.py", "test configuration"),
        ("tests/conftest.py", "test configuration"),
        ("pytest.ini", "test configuration"),
        ("tox.ini", "test configuration"),
        ("jest.config.ts", "test configuration"),
        ("web/vitest.config.mts", "test configuration"),
        ("sitecustomize.py", "test configuration"),
        ("pytest.py", "test configuration"),
        ("_pytest/__init__.py", "test configuration"),
        ("unittest/__init__.py", "test configuration"),
        (".github/workflows/ci.yml", "CI"),
        (".gitlab-ci.yml", "CI"),
        (".circleci/config.yml", "CI"),
        ("Jenkinsfile", "CI"),
        ("package-lock.json", "lock file"),
        ("web/pnpm-lock.yaml", "lock file"),
        ("Cargo.lock", "lock file"),
        ("go.sum", "lock file"),
        (".git/config", "git"),
        ("vendor/x/.GIT/hooks/pre-commit", "git"),
        (".gitmodules", "git"),
    ],
)
def test_what_judges_a_change_is_protected(path: str, reason: str) -> None:
    """Tests, their configuration, CI, lock files and git each give their reason."""
    assert why_protected(path) == reason


@pytest.mark.parametrize(
    "path",
    [
        "shop/money.py", "shop/contest.py", "shop/testing.py", "src/latest.js", "src/attest.ts", "pyproject.toml",
        "package.json", ".github/CODEOWNERS", ".gitignore", "spec/openapi.yaml", "src/main.rs", "protest/map.go",
        "Cargo.toml", "lockfile.py", "shop/inspect.py", "src/_pytest/main.py",
    ],
)  # fmt: skip
def test_ordinary_sources_are_not_protected(path: str) -> None:
    """Names that only sound like tests are sources."""
    assert why_protected(path) == ""
    assert not is_test_path(path)
