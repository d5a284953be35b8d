"""`orchestrator config`, `init` and `doctor`: what holds here, why, and what an editor makes of the file."""

import json

import pytest
from jsonschema import Draft202012Validator

from orchestrator.jsonc import parse
from orchestrator.schema import schema, schema_file
from tests.e2e.conftest import write
from tests.world import World

SECRET = "sk-proj-" + "a1B2" * 10


def rows(world: World, *arguments: str) -> dict[str, tuple[object, str]]:
    """Value and place of each key that is shown."""
    done = world.run("config", "show", "--json", *arguments)
    assert done.code == 0, done.err
    return {row["key"]: (row["value"], row["from"]) for row in done.result["keys"]}


def test_each_value_names_what_sets_it(world: World) -> None:
    """File and line, variable, flag, default."""
    write(
        world.project,
        {
            "orchestrator.jsonc": '{\n  "parallel": 3,\n  "prices": {\n  "m": {"prompt": 1, "completion": 2}}}\n',
            "pyproject.toml": "[tool.orchestrator.budget]\ncalls = 7\n",
        },
    )
    world.env["ORCHESTRATOR_SEED"] = "5"

    shown = rows(world, "--model", "mine")

    assert shown == {
        "model.spec": ("mine", "flags"),
        "budget.calls": (7, f"{world.project}/pyproject.toml:2"),
        "prices": ({"m": {"prompt": 1.0, "completion": 2.0}}, f"{world.project}/orchestrator.jsonc:4"),
        "parallel": (3, f"{world.project}/orchestrator.jsonc:2"),
        "seed": (5, "the variable ORCHESTRATOR_SEED"),
    }
    assert rows(world, "model.retry.base") == {"model.retry.base": (0.5, "default")}
    assert len(rows(world, "--all")) > 50
    assert "did you mean parallel" in world.run("config", "show", "paralel").err.lower()


def test_no_secret_is_shown(world: World) -> None:
    """Neither the key of the endpoint, nor one in an address, nor one that a command carries."""
    world.env |= {
        "OPENAI_API_KEY": SECRET,
        "OPENAI_BASE_URL": f"https://me:{SECRET}@models.example/v1",
        "ORCHESTRATOR_MODEL_BASE_URL": f"https://me:{SECRET}@models.example/v1?key={SECRET}",
        "ORCHESTRATOR_CHECKS": f"curl -H 'Authorization: Bearer {SECRET}' https://ci.example",
    }

    for form in ([], ["--json"]):
        done = world.run("config", "show", *form)
        assert done.code == 0 and "models.example" in done.out
        assert SECRET not in done.out + done.err


def test_the_file_of_init_is_what_its_schema_says(world: World) -> None:
    """The reference leads to a schema that accepts the file, and that sees the faults which the command sees."""
    done = world.run("init")

    value = parse((world.project / "orchestrator.jsonc").read_text()).value
    assert isinstance(value, dict) and value["$schema"] == schema_file().as_uri()
    assert "next: orchestrator doctor" in done.out
    validator = Draft202012Validator(json.loads(schema_file().read_text()))
    assert not list(validator.iter_errors(value))
    for fault in ({"paralel": 3}, {"parallel": 99}, {"budget": {"calls": "many"}}, {"agents": {"coder": {"x": 1}}}):
        assert list(validator.iter_errors(fault)), fault
    assert world.run("init", "--force", "--schema", "./s.json").code == 0
    assert '"$schema": "./s.json"' in (world.project / "orchestrator.jsonc").read_text()
    assert json.loads(world.run("config", "schema").out) == schema()


@pytest.mark.parametrize(
    ("key", "said"), [('"auto": {"max_iterations": 5}', "budget.calls"), ('"disabled_hooks": ["auto"]', "uninstall")]
)
def test_keys_of_similar_programs_are_told_what_takes_their_place(world: World, key: str, said: str) -> None:
    """Nothing is accepted that does nothing."""
    (world.project / "orchestrator.jsonc").write_text(f"{{{key}}}")

    done = world.run("config", "show")
    assert done.code == 2 and said in done.err


def test_doctor_sees_a_runtime_that_cannot_be_loaded(world: World) -> None:
    """A model file alone is no model: a system without the library that the runtime needs is told so."""
    (world.folder / "broken").mkdir()
    (world.folder / "broken" / "xllamacpp.py").write_text('raise ImportError("libgomp.so.1: cannot open")')
    (world.folder / "mine.gguf").write_bytes(b"GGUF")
    world.env |= {"PYTHONPATH": str(world.folder / "broken"), "ORCHESTRATOR_MODEL": str(world.folder / "mine.gguf")}

    (found,) = [each for each in world.run("doctor", "--json").result["findings"] if each["name"] == "model"]

    assert found["state"] == "missing" and "libgomp.so.1" in found["reason"]
    assert (
        found["fix"] == "Install that library: apt-get install libgomp1 (Debian, Ubuntu), dnf install libgomp (Fedora)."
    )


def test_doctor_names_a_fix_for_all_that_is_missing(world: World) -> None:
    """A wrong key of the configuration is one line, the model another; each with the way on."""
    (world.project / "orchestrator.jsonc").write_text('{\n "paralel": 3}')

    findings = {finding["name"]: finding for finding in world.run("doctor", "--json").result["findings"]}

    assert findings["configuration"]["state"] == "missing"
    assert 'Did you mean "parallel"' in findings["configuration"]["fix"]
    assert all(finding["fix"] for finding in findings.values() if finding["state"] != "ok")
    (world.project / "orchestrator.jsonc").unlink()
    findings = {finding["name"]: finding for finding in world.run("doctor", "--json").result["findings"]}
    assert findings["configuration"] == {
        "name": "configuration",
        "state": "ok",
        "reason": findings["configuration"]["reason"],
        "fix": "",
    }
    assert "model fetch local" in findings["model"]["fix"]
