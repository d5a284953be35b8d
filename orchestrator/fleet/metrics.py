"""Metrics of the fleet as Prometheus reads them; the numbers come from the database when they are asked for."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from orchestrator.fleet.worker import Worker

COUNTERS = {
    "lease_losses": "Runs that were taken from a worker whose lease was over.",
    "provider_retries": "Runs that were put off because their provider failed.",
}


class FleetMetrics(Collector):
    """What one worker tells of the whole fleet, and of itself."""

    def __init__(self, worker: "Worker") -> None:
        self._worker = worker

    def describe(self) -> list[Metric]:
        """Nothing is asked of the database when the metrics are registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Ask the database."""
        yield from self._queue()
        yield from self._used()
        alive = self._worker.lease.alive()
        one = self._worker.database.rows(
            f"SELECT count(*) AS n, coalesce(sum(slots), 0) AS slots FROM fleet_worker WHERE {alive}"
        )[0]
        yield GaugeMetricFamily("orchestrator_workers", "Workers that live.", value=one["n"])
        yield GaugeMetricFamily(
            "orchestrator_slots", "Runs that they carry out at a time, at most.", value=one["slots"]
        )
        running = len(self._worker.running)
        yield GaugeMetricFamily("orchestrator_worker_running", "Runs that this worker carries out.", value=running)
        counted = {row["name"]: row["value"] for row in self._worker.database.rows("SELECT * FROM fleet_count")}
        for name, meaning in COUNTERS.items():
            yield CounterMetricFamily(f"orchestrator_{name}", meaning, value=counted.get(name, 0))

    def _queue(self) -> Iterator[Metric]:
        rows = self._worker.database.rows
        depth = GaugeMetricFamily("orchestrator_runs", "Runs that have not ended, by state.", labels=["state"])
        for row in rows(
            "SELECT state, count(*) AS n FROM fleet_run WHERE state IN ('queued', 'fed', 'running') GROUP BY state"
        ):
            depth.add_metric([row["state"]], row["n"])
        yield depth
        oldest = rows(
            "SELECT max({now} - CASE WHEN not_before > submitted THEN not_before ELSE submitted END) AS age "
            "FROM fleet_run WHERE state = 'queued' AND not_before <= {now}"
        )
        age = oldest[0]["age"] or 0.0
        yield GaugeMetricFamily(
            "orchestrator_oldest_seconds", "Age of the oldest run that is due and waits.", value=age
        )
        ended = CounterMetricFamily("orchestrator_runs_ended", "Runs that have ended, by outcome.", labels=["outcome"])
        for row in rows("SELECT outcome, count(*) AS n FROM fleet_run WHERE outcome IS NOT NULL GROUP BY outcome"):
            ended.add_metric([row["outcome"]], row["n"])
        yield ended

    def _used(self) -> Iterator[Metric]:
        used = self._worker.database.rows(
            "SELECT coalesce(sum(calls), 0) AS calls, coalesce(sum(tokens), 0) AS tokens, "
            "coalesce(sum(cost), 0) AS cost FROM fleet_batch"
        )[0]
        yield CounterMetricFamily("orchestrator_calls", "Requests to models.", value=float(used["calls"]))
        yield CounterMetricFamily("orchestrator_tokens", "Tokens of prompts and answers.", value=float(used["tokens"]))
        yield CounterMetricFamily(
            "orchestrator_cost_dollars", "US dollars, where prices are known.", value=used["cost"]
        )
