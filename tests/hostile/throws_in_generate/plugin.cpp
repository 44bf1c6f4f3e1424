// SPDX-License-Identifier: Apache-2.0
//
// C++ without the wall of plugin.hpp: emits a page, then throws.
#include <stdexcept>

#include "hostile.h"

static lineup_status generate(lineup_instance*, const lineup_call*, lineup_builder* builder) {
  static_cast<void>(hostile_builder()->emit(builder, nullptr));
  throw std::runtime_error("out of ideas");
}

static const lineup_generator table = {sizeof(lineup_generator), 0, generate};
HOSTILE_METADATA("throws_in_generate", "generator");
HOSTILE_GENERATOR("throws_in_generate", table, hostile_init, hostile_create);
