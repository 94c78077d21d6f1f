"""Solves exported components with OR-Tools' SimpleMinCostFlow, or with its SimpleLinearSumAssignment where everybody
can be assigned, and prints the CPU time of solve() alone.

usage: solve_ortools.py flow|assignment FILE    (the format is written by export.go)
"""

import json
import sys
import time

import numpy as np
from ortools.graph.python import linear_sum_assignment, min_cost_flow


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


def assign(wanted, offered, need, resource, value):
    """Costs are the largest value less the value."""
    assignment = linear_sum_assignment.SimpleLinearSumAssignment()
    assignment.add_arcs_with_cost(need, resource, value.max() - value)
    start = time.process_time()
    status = assignment.solve()
    seconds = time.process_time() - start
    assert status == assignment.OPTIMAL, status
    return value.max() * len(wanted) - assignment.optimal_cost(), seconds


def main():
    total, seconds = 0, 0.0
    solver = {"flow": solve, "assignment": assign}[sys.argv[1]]
    for component in components(sys.argv[2]):
        value, cpu = solver(*component)
        total += int(value)
        seconds += cpu
    print(json.dumps({"value": total, "seconds": seconds}))


main()
