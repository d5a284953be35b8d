"""The configuration: which layer wins, and what each fault says."""

from pathlib import Path

import pytest

from orchestrator.config import Settings, keys, stored
from orchestrator.errors import ConfigError
from orchestrator.layers import Loaded, environment_layer, load


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty project folder."""
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def loaded(project: Path, env: dict[str, str] | None = None, **flags: object) -> Loaded:
    """The configuration of a project for a person whose own files lie beside it."""
    return load(project, {"XDG_CONFIG_HOME": str(project.parent / "own"), **(env or {})}, flags)


def own_file(project: Path, text: str) -> Path:
    """Write the person's own configuration file."""
    path = project.parent / "own" / "opencode-orchestrator" / "orchestrator.jsonc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


class TestOrder:
    """Later layers win, and say only what they set."""

    def test_each_layer_overrides_the_one_before_it(self, project: Path) -> None:
        """Defaults, own file, pyproject.toml, project file, environment, flags, in this order."""
        seen = [loaded(project).settings.parallel]
        own_file(project, '{"parallel": 3}')
        seen.append(loaded(project).settings.parallel)
        (project / "pyproject.toml").write_text("[tool.orchestrator]\nparallel = 4\n")
        seen.append(loaded(project).settings.parallel)
        (project / "orchestrator.jsonc").write_text('{"parallel": 5}')
        seen.append(loaded(project).settings.parallel)
        seen.append(loaded(project, {"ORCHESTRATOR_PARALLEL": "6"}).settings.parallel)
        seen.append(loaded(project, {"ORCHESTRATOR_PARALLEL": "6"}, parallel=7).settings.parallel)

        assert seen == [2, 3, 4, 5, 6, 7]

    def test_sections_are_merged_key_by_key(self, project: Path) -> None:
        """A layer that sets one key of a section leaves the other keys of lower layers alone."""
        own_file(project, '{"budget": {"calls": 9, "seconds": 60}}')
        (project / "orchestrator.jsonc").write_text('{"budget": {"calls": 5}}')

        budget = loaded(project).settings.budget
        assert (budget.calls, budget.seconds, budget.task_calls) == (5, 60, 120)

    def test_a_list_replaces_the_list_below_it(self, project: Path) -> None:
        """Checks of two layers are not joined: who names checks names all of them."""
        (project / "orchestrator.jsonc").write_text('{"checks": ["make test", "make lint"]}')

        assert loaded(project, checks=["pytest -q"]).settings.checks == ["pytest -q"]

    def test_null_takes_a_limit_away(self, project: Path) -> None:
        """null is a value, and not the same as leaving the key out."""
        (project / "orchestrator.jsonc").write_text('{"budget": {"calls": null}}')

        assert loaded(project).settings.budget.calls is None
        assert "calls" not in stored(loaded(project).settings)["budget"]

    def test_the_origin_of_each_set_key_is_known(self, project: Path) -> None:
        """Every key that a layer set is traced to the layer that won."""
        (project / "orchestrator.jsonc").write_text('{"parallel": 5, "apply": false}')

        origins = loaded(project, parallel=7).origins
        assert origins == {"parallel": "flags", "apply": str(project / "orchestrator.jsonc")}


class TestVariables:
    """One variable for each key."""

    def test_every_key_has_a_variable_of_its_own(self) -> None:
        """No two keys share a variable."""
        variables = [key.variable for key in keys()]

        assert len(set(variables)) == len(variables)
        assert all(variable.startswith("ORCHESTRATOR_") for variable in variables)

    @pytest.mark.parametrize("key", keys(), ids=lambda key: key.name)
    def test_a_variable_sets_its_key(self, key: object) -> None:
        """The example value of every key can be given through its variable."""
        import json

        example = key.example  # type: ignore[attr-defined]
        text = example if isinstance(example, str) else json.dumps(example)
        layer = environment_layer({key.variable: text})  # type: ignore[attr-defined]

        value: object = Settings.model_validate(layer.values)
        for name in key.path:  # type: ignore[attr-defined]
            value = getattr(value, name)
        if isinstance(value, dict):
            value = {name: each.model_dump(exclude_unset=True) for name, each in value.items()}
        assert value == example

    def test_a_plain_command_is_a_list_of_one_check(self) -> None:
        """One check needs no JSON in its variable."""
        assert environment_layer({"ORCHESTRATOR_CHECKS": "make test"}).values == {"checks": ["make test"]}

    def test_a_model_whose_name_is_a_number_stays_text(self) -> None:
        """Names are never read as JSON."""
        assert environment_layer({"ORCHESTRATOR_MODEL": "7"}).values == {"model": {"spec": "7"}}

    def test_an_empty_variable_sets_nothing(self) -> None:
        """`ORCHESTRATOR_MODEL= orchestrator …` is the same as leaving it out."""
        assert environment_layer({"ORCHESTRATOR_MODEL": ""}).values == {}

    def test_a_mistyped_variable_is_refused(self) -> None:
        """A near miss is an error with the right name; other programs' variables are left alone."""
        with pytest.raises(ConfigError, match="Did you mean ORCHESTRATOR_BUDGET_CALLS"):
            environment_layer({"ORCHESTRATOR_BUGET_CALLS": "3"})
        assert environment_layer({"ORCHESTRATOR_KUBERNETES_URL": "x"}).values == {}


JSONC_FAULTS = [
    ('{\n "parallel" 3}', 2, 'expected ":"'),
    ("[1]", 1, "one object"),
    ('{\n\n "paralel": 3}', 3, 'Did you mean "parallel"?'),
    ('{"budget": {\n "cals": 3}}', 2, 'unknown key "budget.cals". Did you mean "calls"?'),
    ('{"agents": {"coder":\n {"temprature": 1}}}', 2, 'Did you mean "temperature"?'),
    ('{"zzz": 1}', 1, "Known here: model, agents"),
    ('{\n "parallel": "3"}', 2, "must be a valid integer, not '3'"),
    ('{\n "parallel": 99}', 2, "must be less than or equal to 32"),
    ('{\n "apply": 1}', 2, "must be a valid boolean"),
    ('{\n "checks": ["a",\n ""]}', 3, '"checks.1"'),
    ('{\n "model": "gpt"}', 2, "must be a section, as in Model"),
    ('{"prices": {\n "m": {"prompt": 1}}}', 2, '"prices.m.completion" is missing'),
    ('{"$schema": 3}', 1, '"$schema" must be a text'),
]


class TestFaults:
    """A fault says the file, the line and the way on."""

    @pytest.mark.parametrize(("text", "line", "said"), JSONC_FAULTS)
    def test_a_file_fault_names_file_line_and_fix(self, project: Path, text: str, line: int, said: str) -> None:
        """The message begins with the place and contains what to do."""
        path = project / "orchestrator.jsonc"
        path.write_text(text)

        with pytest.raises(ConfigError) as caught:
            loaded(project)

        assert str(caught.value).startswith(f"{path}:{line}: ")
        assert said in str(caught.value)

    @pytest.mark.parametrize(
        ("text", "line", "said"),
        [
            ("[tool.orchestrator]\nparalel = 3\n", 2, 'Did you mean "parallel"?'),
            ("[project]\nname = 'x'\n[tool.orchestrator.budget]\ncalls = 'x'\n", 4, "must be a valid integer"),
            ("[tool.orchestrator]\nbudget.calls = 0\n", 2, "greater than or equal to 1"),
            ("[tool.orchestrator\n", 1, "not valid TOML"),
        ],
    )
    def test_a_fault_in_pyproject_names_its_line(self, project: Path, text: str, line: int, said: str) -> None:
        """TOML faults are reported like those of the other files."""
        (project / "pyproject.toml").write_text(text)

        with pytest.raises(ConfigError) as caught:
            loaded(project)

        assert f"pyproject.toml:{line}: " in str(caught.value)
        assert said in str(caught.value)

    def test_a_pyproject_of_other_tools_is_no_configuration(self, project: Path) -> None:
        """Without our table the file is not even read as TOML."""
        (project / "pyproject.toml").write_text("[tool.other\n")

        assert loaded(project).origins == {}

    def test_a_file_that_is_not_utf8_names_the_line(self, project: Path) -> None:
        """Bytes of another encoding are refused, not guessed."""
        (project / "orchestrator.jsonc").write_bytes(b'{\n "checks": ["\xff"]}')

        with pytest.raises(ConfigError, match=r"orchestrator\.jsonc:2: is not UTF-8"):
            loaded(project)

    def test_a_variable_fault_names_the_variable(self, project: Path) -> None:
        """The place of a value from the environment is its variable."""
        with pytest.raises(ConfigError, match="the variable ORCHESTRATOR_BUDGET_CALLS"):
            loaded(project, {"ORCHESTRATOR_BUDGET_CALLS": "many"})


class TestTrust:
    """What came with a project must not loosen what protects its user."""

    def test_a_project_cannot_switch_the_sandbox_off(self, project: Path) -> None:
        """unsafe is the user's word alone."""
        (project / "orchestrator.jsonc").write_text('{"unsafe": true}')

        with pytest.raises(ConfigError, match="cannot be set by a project"):
            loaded(project)

    def test_a_project_cannot_give_its_commands_a_network(self, project: Path) -> None:
        """Its code would have a way out; one's own file may."""
        (project / "orchestrator.jsonc").write_text('{"network": ["*"]}')
        with pytest.raises(ConfigError, match="a way out"):
            loaded(project)

        (project / "orchestrator.jsonc").unlink()
        own_file(project, '{"network": ["npm ci*"]}')
        assert loaded(project).settings.network == ["npm ci*"]

    @pytest.mark.parametrize("url", ["https://example.com/v1", "http://127.0.0.1.example.com/v1", "http://u@x/v1"])
    def test_a_project_cannot_send_the_key_elsewhere(self, project: Path, url: str) -> None:
        """A project's endpoint must be on this machine."""
        (project / "pyproject.toml").write_text(f'[tool.orchestrator.model]\nbase_url = "{url}"\n')

        with pytest.raises(ConfigError, match=r"pyproject\.toml:2: .* on this machine"):
            loaded(project)

    def test_a_project_may_name_a_local_endpoint(self, project: Path) -> None:
        """A server on the loopback address receives no key that it could pass on unseen."""
        (project / "orchestrator.jsonc").write_text('{"model": {"base_url": "http://localhost:11434/v1"}}')

        assert loaded(project).settings.model.base_url == "http://localhost:11434/v1"

    def test_the_person_may_do_both(self, project: Path) -> None:
        """One's own file is trusted."""
        own_file(project, '{"unsafe": true, "model": {"base_url": "https://example.com/v1"}}')

        settings = loaded(project).settings
        assert settings.unsafe and settings.model.base_url == "https://example.com/v1"
