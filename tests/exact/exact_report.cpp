// SPDX-License-Identifier: Apache-2.0
//
// How the solver compares with the truth, family by family.
//
//   exact_report [--all] [--family TEXT] [--count N] [--first SEED] [--work N] [--improve N]
//                [--gap SHARE]
//
// Without --all: the sample that is a test. Exit code 1 when an answer contradicts the truth.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "exact/compare.hpp"

namespace lineup::exact {
namespace {

void print_head() {
  std::printf("%-20s %9s %9s %9s %7s %10s %7s %7s %7s | %8s %8s %8s %8s | %9s %9s\n", "family",
              "instances", "feasible", "found", "missed", "infeasible", "least", "limit", "unknown",
              "gap p50", "mean", "p99", "worst %", "us p50", "us p99");
}

void print(const Family& family, const Tally& tally) {
  std::printf("%-20s %9u %9u %9u %7u %10u %7u %7u %7u | %8.4f %8.4f %8.4f %8.4f | %9.1f %9.1f\n",
              family.name.c_str(), tally.instances, tally.feasible, tally.found,
              tally.feasible - tally.found, tally.infeasible, tally.least_broken, tally.limit,
              tally.unknown, 100 * share(tally.gaps, 0.5), 100 * mean(tally.gaps),
              100 * share(tally.gaps, 0.99), 100 * share(tally.gaps, 1.0), share(tally.us, 0.5),
              share(tally.us, 0.99));
  for (const std::string& one : tally.wrong) std::printf("  WRONG %s\n", one.c_str());
  for (const std::string& one : tally.not_best) std::printf("  not the best %s\n", one.c_str());
  std::fflush(stdout);
}

int report(int count, char** arguments) {
  Options options;
  std::string name;
  double gap = -1.0;  // below 0: the family's
  for (int i = 1; i < count; ++i) {
    const bool has_value = i + 1 < count;
    if (std::strcmp(arguments[i], "--all") == 0) {
      options.all = true;
    } else if (std::strcmp(arguments[i], "--family") == 0 && has_value) {
      name = arguments[++i];
    } else if (std::strcmp(arguments[i], "--count") == 0 && has_value) {
      options.count = static_cast<std::uint32_t>(std::strtoul(arguments[++i], nullptr, 10));
    } else if (std::strcmp(arguments[i], "--first") == 0 && has_value) {
      options.first = std::strtoull(arguments[++i], nullptr, 10);
    } else if (std::strcmp(arguments[i], "--work") == 0 && has_value) {
      options.solve.work_limit = std::strtoull(arguments[++i], nullptr, 10);
    } else if (std::strcmp(arguments[i], "--improve") == 0 && has_value) {
      options.solve.improve_limit = std::strtoull(arguments[++i], nullptr, 10);
    } else if (std::strcmp(arguments[i], "--gap") == 0 && has_value) {
      gap = std::atof(arguments[++i]);
    } else {
      std::fprintf(stderr,
                   "exact_report [--all] [--family TEXT] [--count N] [--first SEED] [--work N] "
                   "[--improve N] [--gap SHARE]\n");
      return 2;
    }
  }
  print_head();
  std::size_t wrong = 0;
  for (Family family : families()) {
    if (gap >= 0.0) family.gap = gap;
    if (family.name.find(name) == std::string::npos) continue;
    const Tally tally = compare(family, options);
    print(family, tally);
    wrong += tally.wrong.size();
  }
  return wrong == 0 ? 0 : 1;
}

}  // namespace
}  // namespace lineup::exact

int main(int count, char** arguments) { return lineup::exact::report(count, arguments); }
