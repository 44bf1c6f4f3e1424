// SPDX-License-Identifier: Apache-2.0
#include "cli/manage/login_name.hpp"

#include <pwd.h>
#include <unistd.h>

namespace lineup::cli {

std::string login_name() {
  const passwd* entry = ::getpwuid(::geteuid());
  if (entry == nullptr || entry->pw_name == nullptr) return std::to_string(::geteuid());
  return entry->pw_name;
}

}  // namespace lineup::cli
