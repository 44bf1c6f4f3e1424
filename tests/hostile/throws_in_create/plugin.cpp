// SPDX-License-Identifier: Apache-2.0
//
// C++ without the wall of plugin.hpp: throws while an instance is made.
#include <stdexcept>

#include "hostile.h"

static lineup_status create(const lineup_host*, lineup_text, lineup_error_sink*,
                            lineup_instance**) {
  throw std::runtime_error("the model is missing");
}

HOSTILE_METADATA("throws_in_create", "generator");
HOSTILE_GENERATOR("throws_in_create", hostile_table, hostile_init, create);
