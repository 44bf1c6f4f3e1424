// SPDX-License-Identifier: Apache-2.0
//
// The phrases that sentences about constraints share. For describe.cpp and evidence.cpp alone.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "constraint/spec.hpp"

namespace lineup::words {

// "3", "20% of the slots".
[[nodiscard]] std::string amount(const Amount& amount, std::span<const double> live);
// "on the page", "on slot 3", "in slots 1..4, 9".
[[nodiscard]] std::string slots(const SlotSet& slots);
// "`a`, `b` and `c`".
[[nodiscard]] std::string columns(const std::vector<std::string>& names);
// "rows of one `author` where `type == "ad"`".
[[nodiscard]] std::string rows(const Spec& spec, bool is_one = false);

}  // namespace lineup::words
