// SPDX-License-Identifier: Apache-2.0
//
// How much each slot counts, for evaluators: the parameters `discount` and `gamma`.
#ifndef LINEUP_CPP_DISCOUNT_HPP
#define LINEUP_CPP_DISCOUNT_HPP

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lineup/cpp/call.hpp"

namespace lineup::plugin {

class Discount {
 public:
  Discount(const Config& config, std::string_view fallback)
      : gamma_(config.number("/gamma", 0.85)) {
    const std::string name = config.text("/discount", fallback);
    if (name == "log2") {
      kind_ = Kind::Log2;
    } else if (name == "none") {
      kind_ = Kind::None;
    } else if (name == "reciprocal") {
      kind_ = Kind::Reciprocal;
    } else if (name == "geometric") {
      kind_ = Kind::Geometric;
    } else {
      throw Failure("`/discount` must be `log2`, `none`, `reciprocal` or `geometric`, got `" +
                    name + "`");
    }
    if (!(gamma_ > 0.0 && gamma_ <= 1.0)) {
      throw Failure("`/gamma` must be above 0 and at most 1");
    }
  }

  void bind(const Binder& binder) {
    slots_.resize(binder.slots_max());
    double geometric = 1.0;
    for (std::size_t slot = 0; slot < slots_.size(); ++slot, geometric *= gamma_) {
      slots_[slot] = kind_ == Kind::Reciprocal  ? 1.0 / static_cast<double>(slot + 1)
                     : kind_ == Kind::Geometric ? geometric
                                                : 1.0;
    }
  }
  // [slot_count] log2 is the request's own.
  [[nodiscard]] std::span<const double> slots(const Call& call) const {
    if (kind_ == Kind::Log2) return call.discounts();
    return std::span<const double>(slots_).first(call.slot_count());
  }

 private:
  enum class Kind { Log2, None, Reciprocal, Geometric };
  Kind kind_ = Kind::Log2;
  double gamma_;
  std::vector<double> slots_;
};

// The objective of that name. Throws Failure when the policy has none.
[[nodiscard]] inline std::uint32_t required_objective(const Binder& binder,
                                                      const std::string& name) {
  const std::optional<std::uint32_t> found = binder.objective(name);
  if (!found) throw Failure("the policy has no objective `" + name + "`");
  return *found;
}

}  // namespace lineup::plugin

#endif
