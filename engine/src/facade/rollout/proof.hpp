// SPDX-License-Identifier: Apache-2.0
//
// A whole bundle is tried in a process of its own before this one compiles anything of it: plugins
// are loaded, rules compiled under their limits, plans built, the cases beside the rules run, and
// the last recorded requests answered. What crashes, crashes there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/diagnostic.hpp"
#include "record/record.hpp"
#include "rollout/plan.hpp"
#include "rollout/stage.hpp"
#include "rollout/store.hpp"

namespace lineup {

// What is to be tried, as the store keeps it.
struct ProofOrder {
  std::string hash;
  KeptRevision files;
  std::string records;  // a file of recorded requests; empty: none are replayed
};

struct ProofOutcome {
  bool is_good = false;
  // It crashed or did not come back: nothing with these contents is tried again.
  bool is_quarantined = false;
  RolloutFault fault;
  Diagnostics diagnostics;
};

// Runs `program` (lineup-prover). [control]
[[nodiscard]] ProofOutcome run_proof(const std::string& program, const ProofOrder& order,
                                     const RolloutPlan& plan);

// Requests as the prover reads them. [control]
[[nodiscard]] std::string write_records(const std::vector<WholeRecord>& records);

// The prover's side: tries it and writes lines `at STEP` and then one of JSON to `descriptor`; the
// exit code. Arguments: HASH BUNDLE RULES PLUGINS RECORDS PROBE STAGING CASES. RULES, PLUGINS and
// RECORDS may be empty; CASES is `cases` when they are to be run.
[[nodiscard]] int prove(const std::vector<std::string>& arguments, int descriptor);

}  // namespace lineup
