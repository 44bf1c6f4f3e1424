// SPDX-License-Identifier: Apache-2.0
//
// `lineup bundle create | sign | keygen`: what writes.
#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "cli/manage/bundle_verbs.hpp"
#include "cli/print/print.hpp"
#include "cli/print/terminal.hpp"
#include "cli/verbs.hpp"
#include "facade/trust_facade.hpp"

namespace lineup::cli {

namespace {

using Json = nlohmann::ordered_json;

int done(const std::string& text) {
  print_line(text);
  return print_done() ? kYes : kCouldNotRun;
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

int bundle_create_verb(const BundleCreateOptions& options) {
  const auto made = create_manifest({options.bundle, options.author, options.reason, options.parent,
                                     options.at.value_or(wall_ms() / 1000 * 1000)});
  if (!made) return could_not_run(made.error().message);
  if (options.json) {
    return done(dump({{"manifest", made->path},
                      {"revision", made->revision},
                      {"parent", made->parent},
                      {"files", made->file_count},
                      {"signatures_removed", made->drops_signatures}}));
  }
  return done(
      fmt::format("{}: revision {} of {} file{}, {}{}", made->path, made->revision,
                  made->file_count, made->file_count == 1 ? "" : "s",
                  made->parent.empty() ? "no parent" : fmt::format("parent {}", made->parent),
                  made->drops_signatures ? "; signatures of the manifest before are removed" : ""));
}

int bundle_sign_verb(const BundleSignOptions& options) {
  Diagnostics diagnostics;
  const auto made = sign_path(options.path, options.key, diagnostics);
  if (!made) {
    for (const Diagnostic& found : diagnostics.all()) {
      fmt::print(stderr, "{}", render(found, "", {.color = wants_color(STDERR_FILENO)}));
    }
    return could_not_run(made.error().message);
  }
  if (options.json) {
    return done(dump({{"signatures", made->path},
                      {"key", made->key},
                      {"name", made->name},
                      {"count", made->signature_count}}));
  }
  return done(fmt::format("{}: signed by {}, key {}, {} signature{}", made->path, made->name,
                          made->key, made->signature_count, made->signature_count == 1 ? "" : "s"));
}

int bundle_keygen_verb(const BundleKeygenOptions& options) {
  const bool is_engineer = options.role == "engineer";
  if (!is_engineer && options.scenes.empty()) {
    return could_not_run("an operator's key needs `--scene`: what it may change, or `--scene '*'`");
  }
  const auto made = make_key_file(options.out, options.name, is_engineer, options.scenes);
  if (!made) return could_not_run(made.error().message);
  if (options.json) {
    return done(dump({{"secret_key", made->secret_path},
                      {"key", made->id},
                      {"entry", Json::parse(made->entry, nullptr, false)}}));
  }
  print_line(fmt::format("{}: the secret key of {}, key {}; keep it to yourself", made->secret_path,
                         options.name, made->id));
  print_line("for `keys` of the trust file:");
  return done(made->entry);
}

}  // namespace lineup::cli
