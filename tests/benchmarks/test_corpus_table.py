"""The corpus in the report: ratios, geometric means and targets from figures that are known."""

from __future__ import annotations

from benchmarks.clock import Sample
from benchmarks.corpus.table import corpus_section
from benchmarks.measurement import GATEWAY_NAME, LIMIT, LIMIT_BEHIND_DOORS, REST, Measurement
from benchmarks.peers import MERCURIUS, POSTGRAPHILE
from benchmarks.requests import get
from benchmarks.servers import Server
from benchmarks.table import Measured


def cell(operation: str, contestant: str, cpu_ms: float, leaves: int = 100) -> Measurement:
    """Three turns, the middle one of which counts; a request takes as long as it works."""
    together = [Sample(100, cpu_ms / 10 * factor, cpu_ms / 10, [0.001] * 100) for factor in (1, 1, 50)]
    server, alone = Server(contestant, 1, 1), [Sample(1, 0.001, 0.001, [0.001, 0.002])]
    return Measurement(operation, contestant, server, get("/", {}), alone, together, leaves)


def written(*cells: Measurement) -> list[str]:
    """The lines of the section."""
    return corpus_section(Measured(cells)).splitlines()


def test_a_line_tells_the_ratios_to_all_others() -> None:
    cells = [cell("order-page", GATEWAY_NAME, 3), cell("order-page", LIMIT_BEHIND_DOORS, 2)]
    lines = written(*cells, cell("order-page", POSTGRAPHILE, 6), cell("order-page", MERCURIUS, 4))
    (found,) = [line for line in lines if line.startswith("| order-page |")]
    assert found.startswith("| order-page | 100 | 3.000 | 1.50 | 0.50 | 0.75 | 0.75 |  | 333 |")
    assert found.endswith("| 1.33 |")


def test_rest_is_beside_graphql() -> None:
    lines = written(cell("orders", GATEWAY_NAME, 2), cell("orders", REST, 3))
    (found,) = [line for line in lines if line.startswith("| orders, REST |")]
    assert " | 1.50 | 333 | " in found
    assert "| reads by REST to the equal GraphQL | 1 | 1.50 | 1.50 (orders) | 1.50 (orders) |" in lines


def test_means_are_geometric_and_targets_name_the_worst() -> None:
    lines = written(
        *(cell("order-page", GATEWAY_NAME, 4), cell("order-page", LIMIT_BEHIND_DOORS, 1)),
        *(cell("home-page", GATEWAY_NAME, 1), cell("home-page", LIMIT_BEHIND_DOORS, 1)),
        *(cell("create-order", GATEWAY_NAME, 4), cell("create-order", LIMIT, 2)),
    )
    assert "| reads to the limit behind the doors | 2 | 2.00 | 4.00 (order-page) | 1.00 (home-page) |" in lines
    worst = "| each read: CPU to the limit behind the doors | at most 1.6 | 4.00 (order-page; 1 of 2 beyond) | MISSED |"
    assert worst in lines
    assert "| create-order: CPU to the same SQL by hand | at most 2.2 | 2.00 | met |" in lines
    assert "| reads: CPU to mercurius, geometric mean | at most 0.4 |  | not measured |" in lines


def test_small_look_ups_have_a_bound_of_their_own() -> None:
    cells = [cell("category", GATEWAY_NAME, 1.2, leaves=7), cell("category", MERCURIUS, 1)]
    lines = written(*cells, cell("order-page", GATEWAY_NAME, 1), cell("order-page", MERCURIUS, 2))
    assert "| each read: CPU to the better peer | at most 1 | 0.50 (order-page) | met |" in lines
    few = "| each read of under 10 leaves: CPU to the better peer | at most 1.3 | 1.20 (category) | met |"
    assert few in lines
