// SPDX-License-Identifier: Apache-2.0
//
// A thread-local object with a destructor: dlclose() leaves the library mapped.
#include <string>

#include "hostile.h"

static lineup_status init(const lineup_host* host, lineup_error_sink*) {
  thread_local std::string kept;
  kept.assign(100, 'x');
  hostile_host = host;
  return LINEUP_OK;
}

HOSTILE_METADATA("stays_loaded", "generator");
HOSTILE_GENERATOR("stays_loaded", hostile_table, init, hostile_create);
