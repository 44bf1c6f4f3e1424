// SPDX-License-Identifier: Apache-2.0
//
// The program of the page without the demand that columns are whole.
#include "exact/certificate.hpp"

#include "exact/model.hpp"

namespace lineup::exact {

std::optional<double> relaxed_bound(const Problem& problem, std::uint32_t length,
                                    double seconds_max) {
  Model model(problem, length);
  model.program().at_most(model.required(), 0.0);
  for (const Sum& level : model.levels()) model.program().at_most(level, 0.0);
  return model.program().relaxed(model.total(), seconds_max);
}

}  // namespace lineup::exact
