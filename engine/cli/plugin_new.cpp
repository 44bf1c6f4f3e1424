// SPDX-License-Identifier: Apache-2.0
//
// `lineup plugin new`: a folder with a plugin that builds and passes its test. The templates are
// three folders copied over each other; their README.md says how placeholders are replaced.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "cli/print/print.hpp"
#include "cli/verbs.hpp"
#include "facade/facade.hpp"

namespace lineup::cli {

namespace {

namespace fs = std::filesystem;
using Placeholders = std::vector<std::pair<std::string, std::string>>;

bool is_name(const std::string& name) {
  const auto fits = [](char c) { return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '_'; };
  return !name.empty() && std::islower(name.front()) != 0 &&
         std::all_of(name.begin(), name.end(), fits);
}

// fresh_first -> FreshFirst
std::string class_name(const std::string& name) {
  std::string out;
  bool starts = true;
  for (const char c : name) {
    if (c != '_') out += starts ? static_cast<char>(std::toupper(c)) : c;
    starts = c == '_';
  }
  return out;
}

std::string replaced(std::string text, const Placeholders& placeholders) {
  for (const auto& [placeholder, value] : placeholders) {
    for (std::size_t at = 0; (at = text.find(placeholder, at)) != std::string::npos;) {
      text.replace(at, placeholder.size(), value);
      at += value.size();
    }
  }
  return text;
}

Result<void> copy_file(const fs::path& from, const fs::path& to, const Placeholders& placeholders) {
  std::ifstream in(from, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in) return failure("plugin/template", fmt::format("cannot read `{}`", from.string()));
  std::error_code fault;
  fs::create_directories(to.parent_path(), fault);
  std::ofstream out(to, std::ios::binary);
  out << replaced(text, placeholders);
  out.flush();
  if (!out) return failure("plugin/write", fmt::format("cannot write `{}`", to.string()));
  return {};
}

Result<void> copy_folder(const fs::path& from, const fs::path& to,
                         const Placeholders& placeholders) {
  std::error_code fault;
  auto entries = fs::recursive_directory_iterator(from, fault);
  if (fault) {
    return failure("plugin/template", fmt::format("cannot read the template `{}`: {}",
                                                  from.string(), fault.message()));
  }
  for (const fs::directory_entry& entry : entries) {
    if (!entry.is_regular_file(fault)) continue;
    const std::string inside = fs::relative(entry.path(), from, fault).string();
    auto copied = copy_file(entry.path(), to / replaced(inside, placeholders), placeholders);
    if (!copied) return copied;
  }
  return {};
}

}  // namespace

int plugin_new_verb(const PluginNewOptions& options) {
  if (!is_name(options.name)) {
    return could_not_run(
        fmt::format("`{}` is no plugin name: a small letter, then small letters, digits and `_`",
                    options.name));
  }
  const fs::path target = options.directory.empty() ? options.name : options.directory;
  std::error_code fault;
  if (fs::exists(target, fault) && !fs::is_empty(target, fault)) {
    return could_not_run(fmt::format("`{}` is there already and is not empty", target.string()));
  }
  const fs::path templates = first_party().templates;
  const Placeholders placeholders = {{"@NAME@", options.name},
                                     {"@CLASS@", class_name(options.name)},
                                     {"@LANGUAGE@", options.language},
                                     {"@EXTENSION@", options.language}};
  for (const fs::path& folder : {templates / "common", templates / "kind" / options.kind,
                                 templates / options.language / options.kind}) {
    const auto copied = copy_folder(folder, target, placeholders);
    if (!copied) return could_not_run(copied.error().message);
  }
  print_line(fmt::format("{}: a {} in {}. Next:", target.string(), options.kind,
                         options.language == "c" ? "C" : "C++"));
  print_line(
      fmt::format("  cmake -S {0} -B {0}/build && cmake --build {0}/build", target.string()));
  print_line(fmt::format("  ctest --test-dir {}/build", target.string()));
  print_line(
      fmt::format("  lineup plugin check {}/build/plugins/{}.so", target.string(), options.name));
  return print_done() ? kYes : kCouldNotRun;
}

}  // namespace lineup::cli
