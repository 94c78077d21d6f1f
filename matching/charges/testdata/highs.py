"""The exact mixed-integer program of a problem with trip charges, solved by HiGHS (scipy): prints the best value.

python highs.py problem.json seconds
"""
import json
import sys

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_matrix

with open(sys.argv[1]) as file:
    p = json.load(file)
edges, wanted, offered = p["Edges"], p["NeedQuantity"], p["ResourceQuantity"]
n, k = len(edges), np.arange(len(edges))
need = np.repeat(np.arange(len(wanted)), np.diff(p["RowStart"]))
resource = np.array([e["Resource"] for e in edges], int)
value = np.array([e["Value"] for e in edges], float)
most = np.minimum(np.array(wanted)[need], np.array(offered)[resource]).astype(float)
ones = np.ones(n)
# Variables: n quantities, n switches. A quantity is at most its switch times the most that the pair can carry.
rows = [
    LinearConstraint(csr_matrix((ones, (need, k)), shape=(len(wanted), 2 * n)), -np.inf, wanted),
    LinearConstraint(csr_matrix((ones, (resource, k)), shape=(len(offered), 2 * n)), -np.inf, offered),
    LinearConstraint(csr_matrix((np.r_[ones, -most], (np.r_[k, k], np.r_[k, n + k])), shape=(n, 2 * n)), -np.inf, 0),
]
result = milp(
    np.r_[-value, np.array(p["Charges"], float)],
    constraints=rows,
    integrality=np.r_[np.zeros(n), ones],
    bounds=Bounds(0, np.r_[most, ones]),
    options={"time_limit": float(sys.argv[2]), "mip_rel_gap": 1e-6},
)
print(0 if result.fun is None else -result.fun)
