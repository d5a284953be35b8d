"""Protected paths: what judges a change must not be changed by it."""

import re
from pathlib import PurePosixPath

TEST_FOLDERS = frozenset({"test", "tests", "__tests__", "e2e", "testdata", "__snapshots__", "__mocks__"})
"""Everything below them is a test or belongs to one."""

_TEST_NAME = re.compile(
    r"test_.*\.pyi?|.*_test\.py|tests?\.py|.*_test\.go|.*[._-](?:test|spec)\.[cm]?[jt]sx?|.*_(?:test|spec)\.(?:rb|rs|exs|dart|php)"
    r"|tests?\.rs|.*(?:Test|Tests|IT|Spec)\.(?:java|kt|scala|groovy|cs|php|swift)|(?:test|spec)_helper\.rb"
)
_SPEC_CODE = re.compile(r".*\.(?:rb|[cm]?[jt]sx?)")

_CONFIGURATION = re.compile(
    r"conftest\.py|(?:_?pytest|unittest|pluggy|doctest)\.py|\.?pytest\.(?:ini|toml)|tox\.ini|noxfile\.py|\.coveragerc|sitecustomize\.py|usercustomize\.py"
    r"|(?:jest|vitest|playwright|cypress|karma|ava|mocha)\.(?:config|conf|setup|workspace)\..+|\.mocharc.*|setupTests\..+"
    r"|nextest\.toml|phpunit\.xml.*|\.rspec"
)

_RUNNERS = frozenset({"pytest", "_pytest", "unittest", "pluggy"})
"""Packages that would be taken for the runner itself where they lie at the top of the project."""

_CI_FOLDERS = frozenset({".circleci", ".buildkite", ".woodpecker", ".teamcity"})
_CI = re.compile(
    r"\.gitlab-ci\.ya?ml|\.travis\.ya?ml|Jenkinsfile.*|azure-pipelines\.ya?ml|bitbucket-pipelines\.ya?ml|\.drone\.ya?ml"
    r"|appveyor\.ya?ml|\.appveyor\.ya?ml|\.cirrus\.ya?ml|\.pre-commit-config\.yaml"
)

_LOCKS = frozenset({
    "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb", "deno.lock",
    "Cargo.lock", "poetry.lock", "uv.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "go.sum", "Gemfile.lock",
    "composer.lock", "gradle.lockfile", "flake.lock", "mix.lock", "pubspec.lock", "Package.resolved",
})  # fmt: skip


_SECRETS = re.compile(
    r"\.env(?:\.(?!example$|sample$|template$|dist$).+)?|\.netrc|\.npmrc|\.pypirc|id_[a-z0-9]+|.*\.(?:pem|p12|pfx|key)"
)


def why_untouchable(path: str) -> str:
    """Why no tool changes this path, whoever asks; empty where it may."""
    pure = PurePosixPath(path)
    if any(part.lower() == ".git" for part in pure.parts) or pure.name == ".gitmodules":
        return "git"
    return "secrets" if _SECRETS.fullmatch(pure.name) else ""


def why_protected(path: str) -> str:
    """Why nothing may change this path (POSIX, relative to the root) unasked, in a word or two; empty where it may."""
    if reason := why_untouchable(path):
        return reason
    pure = PurePosixPath(path)
    name, folders = pure.name, pure.parts[:-1]
    if is_ci(name, folders):
        return "CI"
    if name in _LOCKS:
        return "lock file"
    if _CONFIGURATION.fullmatch(name) or not _RUNNERS.isdisjoint(folders[:1]):
        return "test configuration"
    return "test" if is_test_path(path) else ""


def is_ci(name: str, folders: tuple[str, ...]) -> bool:
    """True for what a service runs when the code is pushed."""
    on_github = len(folders) > 1 and folders[0] == ".github" and folders[1] in ("workflows", "actions")
    return on_github or bool(_CI_FOLDERS.intersection(folders)) or bool(_CI.fullmatch(name))


def is_test_path(path: str) -> bool:
    """True for a test, and for what lies in a folder of tests."""
    pure = PurePosixPath(path)
    if _TEST_NAME.fullmatch(pure.name) or TEST_FOLDERS.intersection(pure.parts[:-1]):
        return True
    return bool({"spec", "specs"}.intersection(pure.parts[:-1])) and bool(_SPEC_CODE.fullmatch(pure.name))
