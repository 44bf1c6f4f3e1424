// SPDX-License-Identifier: Apache-2.0
//
// Tells the generators that want to know which page the request is answered with. The answer is
// settled by then: a generator that fails here is named in a warning, and nothing else changes.
#include "plan/run.hpp"

namespace lineup {

void tell_generators(Run& run, const Picked& picked) {
  for (std::size_t n = 0; n < run.plan.nodes.size(); ++n) {
    const PlanNode& node = run.plan.nodes[n];
    const NodeOutcome& outcome = run.outcomes[n];
    if (node.chosen == nullptr || node.chosen->chosen == nullptr || !outcome.has_run) continue;
    lineup_choice choice{};
    choice.struct_size = sizeof choice;
    choice.slate = LINEUP_NOT_MINE;
    if (picked.slate_index >= 0) {
      const auto index = static_cast<std::uint32_t>(picked.slate_index);
      if (index >= outcome.first_slate && index - outcome.first_slate < outcome.slates) {
        choice.slate = index - outcome.first_slate;
      }
    }
    choice.rows = picked.rows.data();
    choice.row_count = static_cast<std::uint32_t>(picked.rows.size());
    choice.propensity = picked.propensity;
    choice.value = picked.value;
    choice.request_id = {run.request.id.data(), run.request.id.size()};
    choice.user = {run.request.user.data(), run.request.user.size()};
    const RunReport report =
        run_chosen(*node.instance, node_request(run, node.seed, run.slots), *node.chosen, choice);
    if (report.status != LINEUP_OK) warn(run, report.message);
  }
}

}  // namespace lineup
