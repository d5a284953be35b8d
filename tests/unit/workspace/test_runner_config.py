"""What an ordinary file says about running tests: changed with its meaning, unchanged by anything else."""

import pytest

from workspace.runner_config import UNREADABLE, steering, steers_anew

PYPROJECT = '[project]\nname = "shop"\ndependencies = []\n\n[tool.pytest.ini_options]\naddopts = "-ra"\n'
SETUP = "[metadata]\nname = shop\n\n[tool:pytest]\ntestpaths = tests\n"
PACKAGE = '{"name": "shop", "scripts": {"test": "jest", "build": "tsc"}, "jest": {"testMatch": ["**/*.test.js"]}}'
CARGO = '[package]\nname = "shop"\nversion = "1.0.0"\n\n[[test]]\nname = "net"\npath = "tests/net.rs"\n'
MAKE = "RUN = pytest\nCC = cc\n\ntest: build\n\t$(RUN) -q\n\nbuild:\n\t$(CC) x.c\n"
POM = (
    "<project><properties><skipTests>false</skipTests></properties><build><plugins><plugin>"
    "<artifactId>maven-surefire-plugin</artifactId></plugin></plugins></build></project>"
)
GRADLE = "plugins { id 'java' }\n\ntest {\n    useJUnitPlatform()\n}\n"


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("pyproject.toml", PYPROJECT, PYPROJECT.replace("-ra", "-ra --ignore=tests/test_price.py")),
        ("pyproject.toml", PYPROJECT, PYPROJECT + 'testpaths = ["other"]\n'),
        ("pyproject.toml", PYPROJECT, PYPROJECT + '\n[project.entry-points.pytest11]\ncheat = "cheat"\n'),
        ("pyproject.toml", PYPROJECT, PYPROJECT.partition("\n[tool")[0]),
        ("pyproject.toml", PYPROJECT, "not toml ["),
        ("pyproject.toml", PYPROJECT, None),
        ("pyproject.toml", None, PYPROJECT),
        ("sub/pyproject.toml", PYPROJECT, PYPROJECT.replace("-ra", "-k nothing")),
        ("setup.cfg", SETUP, SETUP.replace("tests", "other")),
        ("setup.cfg", SETUP, SETUP + "addopts = --deselect tests/test_price.py\n"),
        ("package.json", PACKAGE, PACKAGE.replace('"test": "jest"', '"test": "true"')),
        ("package.json", PACKAGE, PACKAGE.replace("**/*.test.js", "none")),
        ("package.json", PACKAGE, PACKAGE.replace('"build"', '"pretest": "rm -r test", "build"')),
        ("Cargo.toml", CARGO, CARGO.replace("tests/net.rs", "tests/other.rs")),
        ("Cargo.toml", CARGO, CARGO.replace('"1.0.0"', '"1.0.0"\nautotests = false')),
        ("Cargo.toml", CARGO, CARGO + "\n[lib]\ntest = false\n"),
        ("Makefile", MAKE, MAKE.replace("$(RUN) -q", "true")),
        ("Makefile", MAKE, MAKE.replace("RUN = pytest", "RUN = true")),
        ("pom.xml", POM, POM.replace(">false<", ">true<")),
        ("pom.xml", POM, POM.replace("plugin</artifactId>", "plugin</artifactId><skip>true</skip>")),
        ("build.gradle", GRADLE, GRADLE.replace("useJUnitPlatform()", "useJUnitPlatform()\n    exclude '**/SumTest*'")),
        ("build.gradle.kts", GRADLE, GRADLE + "\ntasks.test { enabled = false }\n"),
    ],
)  # fmt: skip
def test_a_weakened_runner_is_noticed(path: str, before: str | None, after: str | None) -> None:
    """Tests left out, replaced, skipped or run by something else change what the file says about running them."""
    assert steers_anew(path, before, after)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("pyproject.toml", PYPROJECT, PYPROJECT.replace("[]", '["httpx"]')),
        ("pyproject.toml", PYPROJECT, PYPROJECT + 'pythonpath = ["src"]\n'),
        ("pyproject.toml", PYPROJECT, "# a comment\n" + PYPROJECT),
        ("pyproject.toml", None, '[project]\nname = "shop"\n[tool.pytest.ini_options]\npythonpath = ["."]\n'),
        ("setup.cfg", SETUP, SETUP.replace("name = shop", "name = store")),
        ("package.json", PACKAGE, PACKAGE.replace('"tsc"', '"tsc -p ."')),
        ("package.json", PACKAGE, PACKAGE.replace("{", "{\n", 1)),
        ("package.json", None, PACKAGE),
        ("Cargo.toml", CARGO, CARGO + '\n[dependencies]\nserde = "1"\n'),
        ("Makefile", MAKE, MAKE.replace("$(CC) x.c", "$(CC) -O2 x.c")),
        ("Makefile", MAKE, MAKE.replace("CC = cc", "CC = clang")),
        ("pom.xml", POM, POM.replace("<build>", "<version>2</version><build>")),
        ("build.gradle", GRADLE, GRADLE.replace("'java'", "'application'")),
        ("shop/price.py", "a = 1\n", "a = 2\n"),
        ("README.md", None, "text"),
    ],
)
def test_other_changes_of_the_same_files_are_free(path: str, before: str | None, after: str | None) -> None:
    """Dependencies, versions, build steps and layout say nothing about running tests."""
    assert not steers_anew(path, before, after)


def test_a_file_that_cannot_be_read_says_so() -> None:
    """A damaged file is told from one that says nothing."""
    assert steering("package.json", "{") == UNREADABLE
    assert steering("package.json", "{}") == ""
