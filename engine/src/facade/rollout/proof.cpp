// SPDX-License-Identifier: Apache-2.0
//
// The engine's side of a proof: starts the prover and makes sense of how it ended.
#include "facade/rollout/proof.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "facade/facade.hpp"
#include "native/child.hpp"

namespace lineup {

namespace {

using Json = nlohmann::json;

void append(std::string& out, std::uint64_t number) {
  for (int i = 0; i < 8; ++i) out += static_cast<char>(number >> (8 * i));
}

ProofOutcome refused(std::string code, std::string message, std::string hint) {
  ProofOutcome out;
  out.fault.stage = Stage::Compiled;
  out.fault.code = std::move(code);
  out.fault.message = std::move(message);
  out.fault.hint = std::move(hint);
  return out;
}

ProofOutcome crashed(const ChildEnding& ending, const std::string& how) {
  ProofOutcome out = refused("rollout/proof-crashed",
                             fmt::format("the process that tried it {}, at {}{}", how,
                                         last_step(ending.answer), complaint_of(ending)),
                             "these contents are not tried again: change them");
  if (last_step(ending.answer).starts_with("case") || last_step(ending.answer) == "replay") {
    out.fault.stage = Stage::Tested;
  }
  out.is_quarantined = true;
  return out;
}

ProofOutcome read_answer(const ChildEnding& ending) {
  ProofOutcome out;
  const Json json = Json::parse(last_line(ending.answer));
  out.is_good = json.at("ok").get<bool>();
  for (const Json& found : json.at("diagnostics")) {
    Span span{found.at("file").get<std::string>(), found.at("line").get<std::uint32_t>(),
              found.at("column").get<std::uint32_t>(), found.at("line").get<std::uint32_t>(),
              found.at("end").get<std::uint32_t>()};
    auto add = found.at("severity") == "error" ? &Diagnostics::error : &Diagnostics::warning;
    (out.diagnostics.*add)(std::move(span), found.at("code").get<std::string>(),
                           found.at("message").get<std::string>(),
                           found.at("hint").get<std::string>());
  }
  out.fault.stage = json.at("stage") == "tested" ? Stage::Tested : Stage::Compiled;
  out.fault.code = json.at("code").get<std::string>();
  out.fault.message = json.at("message").get<std::string>();
  out.fault.hint = json.at("hint").get<std::string>();
  return out;
}

}  // namespace

std::string write_records(const std::vector<WholeRecord>& records) {
  std::string out;
  append(out, records.size());
  for (const WholeRecord& whole : records) {
    append(out, whole.record.answer);
    append(out, whole.record.search);
    append(out, whole.record.violation_count);
    append(out, whole.slate.size());
    for (const std::uint32_t row : whole.slate) append(out, row);
    append(out, whole.request.size());
    out.append(reinterpret_cast<const char*>(whole.request.data()), whole.request.size());
  }
  return out;
}

ProofOutcome run_proof(const std::string& program, const ProofOrder& order,
                       const RolloutPlan& plan) {
  std::error_code error;
  if (program.empty() || !std::filesystem::exists(program, error)) {
    return refused("rollout/no-prover", "there is no lineup-prover to try the bundle",
                   "install it beside lineup-probe, or write `proof: false` in bundle.yaml");
  }
  const std::string staging = order.files.bundle + "/../proof";
  const std::vector<std::string> arguments = {
      order.hash,    order.files.bundle,  order.files.rules, order.files.plugins,
      order.records, first_party().probe, staging,           plan.cases ? "cases" : ""};
  const auto ending = run_child({program, arguments, plan.proof_time_ms});
  std::filesystem::remove_all(staging, error);
  if (!ending) return refused("rollout/no-prover", ending.error().message, "");
  if (ending->is_timeout) {
    return crashed(*ending, fmt::format("did not come back within {} ms", plan.proof_time_ms));
  }
  if (const std::string signal = signal_of(*ending); !signal.empty()) {
    return crashed(*ending, "crashed with " + signal);
  }
  try {
    return read_answer(*ending);
  } catch (const Json::exception&) {
    return crashed(*ending, "ended without an answer");
  }
}

}  // namespace lineup
