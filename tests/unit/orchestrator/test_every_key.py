"""No key is accepted that does nothing: for each one the test is named that shows its effect."""

import ast
from pathlib import Path

import pytest

from nodes.roles import ROLES
from orchestrator.config import keys

TESTS = Path(__file__).parents[2]

RUN = "graph/test_settings.py::"
WIRE = "unit/models/test_wire.py::"
DOOR = "unit/models/test_door.py::"
OWN = f"{RUN}test_each_agent_has_its_own_model_and_temperature"
PATIENCE = "unit/models/test_patience.py::test_the_same_run_waits_the_same"
APPROVAL = "e2e/test_approval.py::"
POSTGRES = "e2e/test_postgres.py::"
TAKEOVER = "fleet/test_takeover.py::test_a_host_that_sleeps_past_its_lease_writes_nothing_when_it_wakes"
STORE = "unit/orchestrator/test_fleet_store.py::"
MONEY = "e2e/test_providers.py::test_money_is_kept_to"

SHOWN_BY = {
    "model.spec": "unit/models/test_resolve.py::test_a_flag_wins_over_configuration_and_that_over_the_environment",
    "model.base_url": "unit/models/test_resolve.py::test_a_flag_wins_over_configuration_and_that_over_the_environment",
    "model.profile": "unit/models/test_resolve.py::test_settings_override_the_profile",
    "model.answer_format": f"{RUN}test_a_rewrite_takes_its_seeds_and_its_formats_from_the_settings",
    "model.context_tokens": "unit/models/test_context.py::test_a_user_knows_best",
    "model.max_tokens": OWN,
    "model.temperature": f"{RUN}test_a_task_has_as_many_attempts_as_are_set",
    "model.attempts": f"{RUN}test_a_task_has_as_many_attempts_as_are_set",
    "model.escalate": "e2e/test_ladder.py::test_escalation_hands_a_stuck_task_to_the_stronger_model",
    "model.connect_timeout": f"{WIRE}test_an_address_that_takes_nobody_in_is_given_up_after_the_connect_time",
    "model.answer_timeout": f"{WIRE}test_silence_ends_after_the_first_words_time_or_the_idle_time",
    "model.idle_timeout": f"{WIRE}test_silence_ends_after_the_first_words_time_or_the_idle_time",
    "model.stream": f"{DOOR}test_one_fault_costs_at_most_one_more_request",
    "model.fallbacks": "unit/models/test_fallbacks.py::test_an_agent_has_its_own_list",
    "model.retry.base": PATIENCE,
    "model.retry.cap": PATIENCE,
    "model.retry.tries": f"{DOOR}test_a_fault_that_never_ends_ends_the_call",
    "model.retry.window": f"{DOOR}test_a_wait_longer_than_the_window_is_not_begun",
    **{f"agents.{role}.{key}": OWN for role in ROLES for key in ("model", "temperature")},
    **{f"agents.{role}.fallbacks": "unit/models/test_fallbacks.py::test_an_agent_has_its_own_list" for role in ROLES},
    "checks": "e2e/test_budgets.py::test_no_call_is_made_past_the_limit",
    "timeout_check": f"{RUN}test_a_check_that_takes_too_long_is_cut",
    "budget.calls": "e2e/test_budgets.py::test_no_call_is_made_past_the_limit",
    "budget.tokens": "e2e/test_budgets.py::test_tokens_and_time_end_a_run_like_calls",
    "budget.cost": MONEY,
    "budget.seconds": "graph/test_wall_time.py::test_a_check_that_runs_when_the_time_ends_is_cut_and_said",
    "budget.task_calls": "e2e/test_budgets.py::test_the_limit_of_a_task_ends_that_task_alone",
    "budget.task_tokens": f"{RUN}test_tokens_of_one_task_end_that_task",
    "budget.task_cost": "graph/test_task_cost.py::test_a_task_that_costs_too_much_ends_alone",
    "prices": MONEY,
    "parallel": "e2e/test_project.py::test_a_request_on_a_package_is_planned_done_in_parallel_and_verified",
    "candidates": "e2e/test_ladder.py::test_the_number_of_candidates_is_a_setting",
    "review": f"{RUN}test_without_the_reviewers_opinion_checks_decide",
    "seed": f"{RUN}test_a_rewrite_takes_its_seeds_and_its_formats_from_the_settings",
    "apply": "e2e/test_tree.py::test_no_apply_leaves_the_folder_alone",
    "approve_plan": f"{APPROVAL}test_a_host_asks_its_user_for_plan_and_change",
    "approve_apply": f"{APPROVAL}test_a_host_asks_its_user_for_plan_and_change",
    "checkpoints": f"{POSTGRES}test_a_run_keeps_nothing_of_its_checkpoints_itself_and_pruning_takes_them_along",
    "headless": "unit/orchestrator/test_driving.py::TestAuto::test_progress_is_readable_in_a_log",
    "network": "e2e/test_host.py::test_a_check_has_a_network_where_the_user_gives_it_one",
    "fleet.database": TAKEOVER,
    "fleet.store": f"{STORE}test_a_store_gives_back_what_was_put_and_nothing_else",
    "fleet.lease": TAKEOVER,
    "fleet.repositories": f"{STORE}test_folders_outside_the_batchs_own_are_refused_also_through_links",
    "fleet.endpoints": "fleet/test_limits.py::test_an_endpoint_and_a_repository_are_never_overrun",
    "fleet.limits": "unit/orchestrator/test_fleet_feed.py::test_limits_of_the_fleet_and_of_an_endpoint_hold",
    "unsafe": "unit/workspace/test_sandbox.py::test_nothing_runs_unconfined_unless_the_user_says_so",
}


def test_every_key_has_its_test() -> None:
    """A new key comes with one; a key that goes takes its line along."""
    assert {key.name for key in keys()} == set(SHOWN_BY)


@pytest.mark.parametrize("place", sorted(set(SHOWN_BY.values())))
def test_the_tests_are_there(place: str) -> None:
    """A test that was renamed or removed leaves no key without one."""
    path, *_, name = place.split("::")
    found = {node.name for node in ast.walk(ast.parse((TESTS / path).read_text("utf-8"))) if hasattr(node, "name")}
    assert name in found
