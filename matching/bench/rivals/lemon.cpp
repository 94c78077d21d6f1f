// Solves exported components with LEMON's NetworkSimplex or CostScaling and prints the CPU time of run() alone.
// usage: lemon simplex|scaling FILE    (the format is written by export.go)

#include <lemon/cost_scaling.h>
#include <lemon/network_simplex.h>
#include <lemon/static_graph.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <utility>
#include <vector>

using Graph = lemon::StaticDigraph;

template <typename Solver>
int64_t solve(Solver& solver, double& seconds) {
  std::clock_t start = std::clock();
  if (solver.run() != Solver::OPTIMAL) std::exit(1);
  seconds += double(std::clock() - start) / CLOCKS_PER_SEC;
  return -solver.template totalCost<int64_t>();
}

int main(int argc, char** argv) {
  FILE* file = argc == 3 ? std::fopen(argv[2], "rb") : nullptr;
  if (!file) return 2;
  auto read = [&](int64_t count) {
    std::vector<int64_t> v(count);
    if (std::fread(v.data(), 8, count, file) != size_t(count)) std::exit(2);
    return v;
  };
  int64_t total = 0;
  double seconds = 0;
  for (int64_t left = read(1)[0]; left > 0; --left) {
    auto size = read(3);
    int64_t n = size[0], m = size[1], edges = size[2];
    auto wanted = read(n), offered = read(m), need = read(edges), resource = read(edges), value = read(edges);
    // StaticDigraph wants its arcs by source: each need's edges, its arc to the pool, then the pool's arcs.
    std::vector<std::pair<int, int>> arcs;
    std::vector<int64_t> cost;
    int64_t pool = n + m, unmatched = 0, k = 0;
    for (int64_t i = 0; i < n; ++i) {
      for (; k < edges && need[k] == i; ++k) {
        arcs.push_back({int(i), int(n + resource[k])});
        cost.push_back(-value[k]);
      }
      arcs.push_back({int(i), int(pool)});
      cost.push_back(0);
      unmatched -= wanted[i];
    }
    for (int64_t r = 0; r < m; ++r) {
      arcs.push_back({int(pool), int(n + r)});
      cost.push_back(0);
      unmatched += offered[r];
    }
    Graph g;
    g.build(int(pool + 1), arcs.begin(), arcs.end());
    Graph::ArcMap<int64_t> costs(g);
    Graph::NodeMap<int64_t> supply(g);
    for (size_t a = 0; a < cost.size(); ++a) costs[g.arc(int(a))] = cost[a];
    for (int64_t i = 0; i < n; ++i) supply[g.node(int(i))] = wanted[i];
    for (int64_t r = 0; r < m; ++r) supply[g.node(int(n + r))] = -offered[r];
    supply[g.node(int(pool))] = unmatched;
    if (std::strcmp(argv[1], "scaling") == 0) {
      Graph::ArcMap<int64_t> upper(g);
      for (size_t a = 0; a < cost.size(); ++a) {
        Graph::Arc arc = g.arc(int(a));
        int64_t from = g.id(g.source(arc)), to = g.id(g.target(arc));
        upper[arc] = std::min(from < pool ? wanted[from] : INT64_MAX, to < pool ? offered[to - n] : INT64_MAX);
      }
      lemon::CostScaling<Graph, int64_t, int64_t> scaling(g);
      scaling.upperMap(upper).costMap(costs).supplyMap(supply);
      total += solve(scaling, seconds);
    } else {
      lemon::NetworkSimplex<Graph, int64_t, int64_t> simplex(g);
      simplex.costMap(costs).supplyMap(supply);
      total += solve(simplex, seconds);
    }
  }
  std::printf("{\"value\": %lld, \"seconds\": %.6f}\n", static_cast<long long>(total), seconds);
}
