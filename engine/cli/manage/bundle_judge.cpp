// SPDX-License-Identifier: Apache-2.0
//
// `lineup bundle verify | show`: what an engine would say to a bundle, and what its manifest tells.
#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/clock.hpp"
#include "cli/manage/bundle_verbs.hpp"
#include "cli/print/print.hpp"
#include "cli/print/terminal.hpp"
#include "cli/print/text_table.hpp"
#include "cli/verbs.hpp"
#include "facade/trust_facade.hpp"

namespace lineup::cli {

namespace {

using Json = nlohmann::ordered_json;

Json json_of(const BundleJudgement& found, bool with_files) {
  Json diagnostics = Json::array();
  for (const Diagnostic& finding : found.diagnostics.all()) {
    diagnostics.push_back({{"severity", finding.severity == Severity::Error ? "error" : "warning"},
                           {"code", finding.code},
                           {"message", finding.message},
                           {"hint", finding.hint},
                           {"file", finding.span.file},
                           {"line", finding.span.line},
                           {"column", finding.span.column}});
  }
  Json signers = Json::array();
  for (const Signer& signer : found.signers) {
    signers.push_back(
        {{"key", signer.key}, {"name", signer.name.empty() ? Json(nullptr) : Json(signer.name)}});
  }
  Json scenes = Json::object();
  for (const auto& [scene, path] : found.scenes) scenes[scene] = path;
  Json out{{"ok", !found.diagnostics.has_errors()},
           {"mode", found.mode},
           {"revision", found.revision},
           {"parent", found.parent},
           {"author", found.author},
           {"reason", found.reason},
           {"created", found.created},
           {"abi", found.abi},
           {"scenes", std::move(scenes)},
           {"signed_by", std::move(signers)}};
  if (with_files) {
    Json files = Json::array();
    for (const BundleJudgement::File& file : found.files) {
      files.push_back({{"path", file.path}, {"sha256", file.sha256}, {"size", file.size}});
    }
    out["files"] = std::move(files);
  } else {
    out["changed"] = found.changed;
    out["diagnostics"] = std::move(diagnostics);
  }
  return out;
}

std::string names_of(const std::vector<Signer>& signers) {
  std::string out;
  for (const Signer& signer : signers) {
    out += fmt::format("{}{}", out.empty() ? "" : ", ",
                       signer.name.empty() ? "key " + signer.key : signer.name);
  }
  return out;
}

void print_findings(const BundleJudgement& found) {
  for (const Diagnostic& finding : found.diagnostics.all()) {
    std::string text = render(finding, "", {.color = wants_color(STDOUT_FILENO)});
    if (text.ends_with('\n')) text.pop_back();
    print_line(text);
  }
}

int end(bool is_yes) {
  if (!print_done()) return kCouldNotRun;
  return is_yes ? kYes : kNo;
}

void print_manifest(const BundleJudgement& found) {
  for (const auto& [name, value] :
       {std::pair{"revision", found.revision}, std::pair{"parent", found.parent},
        std::pair{"author", found.author}, std::pair{"reason", found.reason},
        std::pair{"created", found.created}, std::pair{"abi", found.abi},
        std::pair{"signed by", names_of(found.signers)}}) {
    print_line(fmt::format("{:<10} {}", name, value.empty() ? "-" : value));
  }
  for (const auto& [scene, path] : found.scenes) {
    print_line(fmt::format("{:<10} {} in {}", "scene", scene, path));
  }
  TextTable table;
  table.add_column("file", TextTable::Align::Left, TextTable::Shrink::Cut);
  table.add_column("bytes", TextTable::Align::Right);
  table.add_column("sha256", TextTable::Align::Left, TextTable::Shrink::Cut);
  for (const BundleJudgement::File& file : found.files) {
    table.add_row({file.path, std::to_string(file.size), file.sha256});
  }
  for (const std::string& line : table.lines(terminal_width(STDOUT_FILENO))) print_line(line);
}

}  // namespace

int bundle_verify_verb(const BundleVerifyOptions& options) {
  const BundleJudgement found = judge_bundle(
      {options.bundle, options.trust, options.live, options.state, options.at.value_or(wall_ms())});
  const bool is_fine = !found.diagnostics.has_errors();
  if (options.json) {
    print_line(json_of(found, false).dump(-1, ' ', false, Json::error_handler_t::replace));
    return end(is_fine);
  }
  print_findings(found);
  const Paint paint(wants_color(STDOUT_FILENO));
  if (!is_fine) {
    print_line(fmt::format("{}: an engine refuses this bundle", paint.red("not ok")));
  } else if (found.mode == "development") {
    print_line(fmt::format("{}: development mode, there is no manifest", paint.green("ok")));
  } else {
    print_line(fmt::format("{}: revision {}, {}", paint.green("ok"), found.revision,
                           found.mode == "signed"
                               ? "signed by " + names_of(found.signers)
                               : "the files are those of the manifest; who signed was not asked"));
  }
  return end(is_fine);
}

int bundle_show_verb(const BundleShowOptions& options) {
  const BundleJudgement found = judge_bundle({options.bundle, options.trust, "", "", wall_ms()});
  if (found.revision.empty()) {
    if (found.mode == "development" && !found.diagnostics.has_errors()) {
      return could_not_run(
          fmt::format("`{}` has no manifest: `lineup bundle create` writes one", options.bundle));
    }
    print_findings(found);
    return could_not_run(fmt::format("the manifest of `{}` cannot be read", options.bundle));
  }
  if (options.json) {
    print_line(json_of(found, true).dump(-1, ' ', false, Json::error_handler_t::replace));
  } else {
    print_manifest(found);
  }
  return end(true);
}

}  // namespace lineup::cli
