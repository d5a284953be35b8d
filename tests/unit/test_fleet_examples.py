"""The examples for a fleet: they parse, their names agree, and what they call exists."""

import json
from pathlib import Path
from typing import Any

import yaml

from orchestrator.arguments import parse
from orchestrator.config import keys
from orchestrator.fleet.batch_file import read_batch

FOLDER = Path(__file__).parents[2] / "examples" / "fleet"
VARIABLES = {key.variable for key in keys()} | {"OPENAI_BASE_URL", "PGPASSFILE"}


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((FOLDER / name).read_text("utf-8")))


def test_the_batch_file_is_one() -> None:
    """Every line is taken in."""
    found = read_batch(FOLDER / "tasks.jsonl")
    assert found.faults == [] and len(found.wanted) == 3


def test_the_manifest_fits_together() -> None:
    """Every name that is referred to is there, arguments and variables are this program's, no secret has a value."""
    found = {(each["kind"], each["metadata"]["name"]): each for each in documents("kubernetes.yaml")}
    assert found["Secret", "fleet"]["stringData"] == {}
    assert set(found["ConfigMap", "fleet"]["data"]) <= VARIABLES
    pods = [each["spec"]["template"]["spec"] for each in found.values() if "template" in each.get("spec", {})]
    assert len(pods) == 2
    for pod in pods:
        (container,) = pod["containers"]
        assert parse(container["args"]).command == "worker"
        for source in container["envFrom"]:
            ((kind, name),) = [(key.removesuffix("Ref"), value["name"]) for key, value in source.items()]
            assert ({"configMap": "ConfigMap", "secret": "Secret"}[kind], name) in found
        mounted = {each["name"] for each in container.get("volumeMounts", [])}
        assert mounted == {each["name"] for each in pod.get("volumes", [])}
    deployment = found["Deployment", "worker"]["spec"]
    assert deployment["selector"]["matchLabels"] == deployment["template"]["metadata"]["labels"]


def test_the_compose_file_fits_together() -> None:
    """Services, volumes and secrets that are named are there; values of variables are what the program reads."""
    (compose,) = documents("compose.yaml")
    for service in compose["services"].values():
        if "build" in service:
            assert parse(service["command"]).command == "worker"
            assert set(service["environment"]) <= VARIABLES
            json.loads(service["environment"]["ORCHESTRATOR_FLEET_LIMITS"])
        assert set(service.get("depends_on", {})) <= set(compose["services"])
        assert set(service.get("secrets", [])) <= set(compose["secrets"])
        named = {volume.partition(":")[0] for volume in service.get("volumes", [])}
        assert named <= set(compose["volumes"])
