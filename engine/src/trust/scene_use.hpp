// SPDX-License-Identifier: Apache-2.0
//
// Which scenes a file of a bundle speaks for. Inside this folder only.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "trust/verify.hpp"

namespace lineup {

// A rule, list or pool belongs to every scene whose policy mentions its name, or a rule mentions it
// that such a policy mentions. More may be named than is used, never less, unless a name is put
// together from pieces: whoever writes it so gives up this protection of his own scene.
class SceneUse {
 public:
  explicit SceneUse(std::span<const ShippedFile> files);

  // Of a path in rules/, lists/ or pools/, whether it is there or was taken away.
  [[nodiscard]] std::set<std::string> scenes_of(std::string_view path) const;

 private:
  std::map<std::string, std::set<std::string>, std::less<>> scenes_of_word_;
};

}  // namespace lineup
