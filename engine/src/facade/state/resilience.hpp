// SPDX-License-Identifier: Apache-2.0
//
// What of a revision fails or is switched off, for the status. JSON texts, so that a header which
// many include does not bring a JSON library with it.
#pragma once

#include <string>

namespace lineup {

struct Revision;

// A list of every breaker: {scene, node | rule, state: closed | half_open | open, failures, opened,
// held_back}. `revision` may be null. [control]
[[nodiscard]] std::string breakers_json(const Revision* revision);
// A list of what the policies' switches took out: {scene, what}. [control]
[[nodiscard]] std::string switches_json(const Revision* revision);

}  // namespace lineup
