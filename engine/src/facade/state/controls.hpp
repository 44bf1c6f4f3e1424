// SPDX-License-Identifier: Apache-2.0
//
// Controllers of an engine: they outlive revisions, hear feedback, and are told when a revision has
// other targets.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"
#include "control/exposure_memory.hpp"
#include "plan/execute.hpp"

namespace lineup {

struct Revision;

// Reads what a host tells. Code: feedback/json. [any]
[[nodiscard]] Result<Told> read_feedback(std::string_view events_json);

class Controls {
 public:
  Controls();

  // The controller of that name: the same one for ever. [control]
  [[nodiscard]] std::shared_ptr<Controller> controller(std::string_view scene,
                                                       std::string_view name);
  // Gives controllers the targets of the revision that serves, once for each. [any]
  void follow(const std::shared_ptr<const Revision>& revision);
  // Remembers a page. `items` are the keys of its rows. [request]
  void note(const Plan& plan, const Request& request, const Response& response,
            std::span<const std::uint64_t> items) noexcept;
  // Tells the controllers of that page; false: it is not remembered, or none cares. [any]
  bool hear(std::string_view request_id, const Told& told);
  // What happens without feedback. [control]
  void look();
  // What controllers have to say since the last call, one sentence each. [any]
  [[nodiscard]] std::vector<std::string> news();
  // [any]
  [[nodiscard]] nlohmann::ordered_json json() const;

 private:
  using Key = std::pair<std::string, std::string>;
  mutable std::mutex mutex_;
  std::map<Key, std::shared_ptr<Controller>> controllers_;
  std::map<Key, std::string> moves_;  // the dial, of those that the serving revision has
  std::string followed_;              // the revision
  ExposureMemory memory_;
};

}  // namespace lineup
