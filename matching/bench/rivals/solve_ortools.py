"""Solves exported components with OR-Tools' SimpleMinCostFlow and prints the CPU time of solve() alone.

usage: solve_ortools.py FILE    (the format is written by export.go)
"""

import json
import sys
import time

import numpy as np
from ortools.graph.python import min_cost_flow


def components(path):
    data = np.fromfile(path, dtype="<i8")
    at = 1
    for _ in range(data[0]):
        needs, resources, edges = data[at : at + 3]
        at += 3
        wanted, at = data[at : at + needs], at + needs
        offered, at = data[at : at + resources], at + resources
        need, at = data[at : at + edges], at + edges
        resource, at = data[at : at + edges], at + edges
        value, at = data[at : at + edges], at + edges
        yield wanted, offered, need, resource, value


def solve(wanted, offered, need, resource, value):
    """Needs send their quantity to resources or to the pool of the unmatched, which also fills up the resources."""
    n, m = len(wanted), len(offered)
    pool = n + m
    flow = min_cost_flow.SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(
        need, n + resource, np.minimum(wanted[need], offered[resource]), -value)
    flow.add_arcs_with_capacity_and_unit_cost(
        np.arange(n), np.full(n, pool), wanted, np.zeros(n, dtype=np.int64))
    flow.add_arcs_with_capacity_and_unit_cost(
        np.full(m, pool), n + np.arange(m), offered, np.zeros(m, dtype=np.int64))
    flow.set_nodes_supplies(
        np.arange(n + m + 1), np.concatenate([wanted, -offered, [offered.sum() - wanted.sum()]]))
    start = time.process_time()
    status = flow.solve()
    seconds = time.process_time() - start
    assert status == flow.OPTIMAL, status
    return -flow.optimal_cost(), seconds


def main():
    total, seconds = 0, 0.0
    for component in components(sys.argv[1]):
        value, cpu = solve(*component)
        total += int(value)
        seconds += cpu
    print(json.dumps({"value": total, "seconds": seconds}))


main()
