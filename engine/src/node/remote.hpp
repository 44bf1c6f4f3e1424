// SPDX-License-Identifier: Apache-2.0
//
// A node whose plugin runs somewhere else. The functions of run.hpp hand their calls over to it
// after they refused what the instance was not made for.
#pragma once

#include <span>

#include "node/run.hpp"

namespace lineup {

class RemoteNode {
 public:
  virtual ~RemoteNode() = default;

  // As the functions of run.hpp, which say what comes back. All of them are [request].
  virtual RunReport score(const NodeInstance& instance, const NodeRequest& request,
                          std::span<const std::span<double>> outputs) noexcept = 0;
  virtual RunReport generate(const NodeInstance& instance, const NodeRequest& request,
                             const Problem& problem, SlateSet& out) noexcept = 0;
  virtual RunReport evaluate(const NodeInstance& instance, const NodeRequest& request,
                             const SlateSet& slates, std::span<double> values) noexcept = 0;
};

}  // namespace lineup
