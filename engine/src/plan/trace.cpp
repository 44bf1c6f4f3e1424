// SPDX-License-Identifier: Apache-2.0
//
// What happened in one request, slot by slot, as JSON. Made after the page was found and only when
// asked for, so requests that are not explained pay nothing. Why a better row does not stand at a
// slot is found by putting it there: the rules that the changed page breaks held it back.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "plan/run.hpp"

namespace lineup {

namespace {

// LIMIT: better rows explained per slot; a person reads no more.
constexpr std::size_t kHeldBackMax = 5;

void put_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string_view word_for(Idle idle) {
  switch (idle) {
    case Idle::Active:
      return "active";
    case Idle::Disabled:
      return "disabled";
    case Idle::When:
      return "when";
    case Idle::NotYet:
      return "not yet";
    case Idle::Over:
      return "over";
    case Idle::Expired:
      return "expired";
    case Idle::SwitchedOff:
      return "switched off";
  }
  return "active";
}

std::string_view word_for(Strength::Kind kind) {
  switch (kind) {
    case Strength::Kind::Required:
      return "required";
    case Strength::Kind::Hard:
      return "hard";
    case Strength::Kind::Soft:
      return "soft";
  }
  return "hard";
}

class Tracer {
 public:
  Tracer(Run& run, const Picked& picked) : run_(run), picked_(picked), out_(run.session.trace) {
    rank_rows();
    find_pins();
    base_ = violations_of(picked.rows);
  }

  void write(const Response& response) {
    out_ += "{\"slots\":[";
    for (std::size_t slot = 0; slot < picked_.rows.size(); ++slot) {
      if (slot > 0) out_ += ',';
      write_slot(slot);
    }
    out_ += "],\"rules\":[";
    for (std::size_t use = 0; use < run_.plan.uses.size(); ++use) {
      if (use > 0) out_ += ',';
      write_rule(use);
    }
    out_ += "],\"nodes\":[";
    for (std::size_t node = 0; node < run_.plan.nodes.size(); ++node) {
      if (node > 0) out_ += ',';
      write_node(node);
    }
    out_ += fmt::format("],\"candidates\":{},\"verified\":{},\"work\":{},\"selected_by\":",
                        run_.candidate_count, run_.is_verified, response.work);
    put_text(out_, maker());
    out_ += '}';
  }

 private:
  // Rank 1 is the candidate that the ranker had first: by the host's score, ties by row.
  void rank_rows() {
    const auto& score = run_.score_before;
    order_.resize(score.size());
    std::iota(order_.begin(), order_.end(), 0U);
    std::stable_sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
      const bool a_missing = score[a] != score[a];
      const bool b_missing = score[b] != score[b];
      if (a_missing != b_missing) return b_missing;
      return !a_missing && score[a] > score[b];
    });
    rank_.resize(score.size());
    for (std::size_t i = 0; i < order_.size(); ++i)
      rank_[order_[i]] = static_cast<std::uint32_t>(i + 1);
  }

  void find_pins() {
    pinned_by_.assign(picked_.rows.size(), -1);
    pin_absent_.assign(run_.plan.uses.size(), 0);
    const Problem problem = instantiate(run_.plan.uses, run_.idle, run_.input, run_.candidates,
                                        run_.slots, run_.plan.level_count, run_.arena, pin_absent_);
    for (const Constraint& constraint : problem.constraints) {
      if (constraint.kind != Kind::Place) continue;
      for (std::uint32_t pin = 0; pin < constraint.pin_count; ++pin) {
        const std::uint32_t slot = constraint.pin_slots[pin];
        if (slot < picked_.rows.size() && picked_.rows[slot] == constraint.pin_rows[pin]) {
          pinned_by_[slot] = constraint.use;
        }
      }
    }
  }

  std::vector<std::uint32_t> violations_of(std::span<const std::uint32_t> rows) {
    const auto mark = run_.arena.mark();
    const Verification check =
        verify(run_.plan.uses, run_.idle, run_.input, rows, run_.slots, run_.arena);
    std::vector<std::uint32_t> out(check.violations.begin(), check.violations.end());
    run_.arena.rewind(mark);
    return out;
  }

  // The most important use that breaks more when `row` stands at `slot`; -1: none does.
  std::int32_t holder_of(std::size_t slot, std::uint32_t row) {
    std::vector<std::uint32_t> page(picked_.rows.begin(), picked_.rows.end());
    const auto later = std::find(page.begin(), page.end(), row);
    if (later != page.end()) *later = page[slot];
    page[slot] = row;
    const auto changed = violations_of(page);
    std::int32_t holder = -1;
    for (std::size_t use = 0; use < changed.size(); ++use) {
      if (changed[use] <= base_[use]) continue;
      if (holder < 0 || importance(use) < importance(static_cast<std::size_t>(holder))) {
        holder = static_cast<std::int32_t>(use);
      }
    }
    return holder;
  }

  // Required before hard by priority before soft.
  [[nodiscard]] std::uint32_t importance(std::size_t use) const {
    const RuleUse& rule = run_.plan.uses[use];
    if (rule.strength.kind == Strength::Kind::Required) return 0;
    if (rule.strength.kind == Strength::Kind::Soft) return 0xFFFFFFFFU;
    return 1U + rule.level;
  }

  [[nodiscard]] std::string_view maker() const {
    if (picked_.slate_index < 0) return run_.failure.empty() ? "engine" : "fallback";
    const auto index = static_cast<std::uint32_t>(picked_.slate_index);
    for (std::size_t n = 0; n < run_.plan.nodes.size(); ++n) {
      const NodeOutcome& outcome = run_.outcomes[n];
      if (run_.plan.nodes[n].kind == NodeKind::Generator && index >= outcome.first_slate &&
          index < outcome.first_slate + outcome.slates) {
        return run_.plan.nodes[n].id;
      }
    }
    return "engine";
  }

  void put_score(std::string_view name, double score) {
    if (score != score) {
      out_ += fmt::format(",\"{}\":null", name);
    } else {
      out_ += fmt::format(",\"{}\":{}", name, score);
    }
  }

  void write_slot(std::size_t slot) {
    const std::uint32_t row = picked_.rows[slot];
    out_ += fmt::format("{{\"slot\":{},\"row\":{},\"rank\":{}", slot + 1, row, rank_[row]);
    put_score("score", run_.score[row]);
    put_score("score_before", run_.score_before[row]);
    out_ += ",\"placed_by\":";
    const std::int32_t pin = pinned_by_[slot];
    put_text(out_, pin >= 0 ? std::string_view(run_.plan.uses[static_cast<std::size_t>(pin)].name)
                            : maker());
    out_ += ",\"held_back\":[";
    write_held_back(slot, row);
    out_ += "]}";
  }

  void write_held_back(std::size_t slot, std::uint32_t row) {
    std::size_t written = 0;
    const auto before = picked_.rows.first(slot);
    for (const std::uint32_t better : order_) {
      if (better == row || written == kHeldBackMax) break;
      if (!test_bit(run_.candidates.data(), better)) continue;
      if (run_.score[better] <= run_.score[row]) continue;
      if (std::find(before.begin(), before.end(), better) != before.end()) continue;
      const std::int32_t holder = holder_of(slot, better);
      if (written++ > 0) out_ += ',';
      out_ += fmt::format("{{\"row\":{},\"rank\":{},\"rule\":", better, rank_[better]);
      if (holder >= 0) {
        put_text(out_, run_.plan.uses[static_cast<std::size_t>(holder)].name);
      } else {
        out_ += "null";
      }
      out_ += '}';
    }
  }

  void write_rule(std::size_t use) {
    const RuleUse& rule = run_.plan.uses[use];
    out_ += "{\"rule\":";
    put_text(out_, rule.name);
    out_ += ",\"status\":";
    const bool absent = run_.idle[use] == Idle::Active && pin_absent_[use] != 0;
    put_text(out_, absent ? "pin absent" : word_for(run_.idle[use]));
    out_ += fmt::format(",\"strength\":\"{}\",\"violations\":{}", word_for(rule.strength.kind),
                        use < base_.size() ? base_[use] : 0);
    if (!rule.reason.empty()) {
      out_ += ",\"reason\":";
      put_text(out_, rule.reason);
    }
    out_ += '}';
  }

  void write_node(std::size_t node) {
    const NodeOutcome& outcome = run_.outcomes[node];
    out_ += "{\"id\":";
    put_text(out_, run_.plan.nodes[node].id);
    out_ += fmt::format(",\"slates\":{},\"elapsed_us\":{:.1f},\"status\":", outcome.slates,
                        static_cast<double>(outcome.elapsed_ns) / 1000.0);
    put_text(out_, outcome.status == LINEUP_OK ? "ok" : outcome.message);
    out_ += '}';
  }

  Run& run_;
  const Picked& picked_;
  std::string& out_;
  std::vector<std::uint32_t> order_;
  std::vector<std::uint32_t> rank_;
  std::vector<std::int32_t> pinned_by_;
  std::vector<std::uint8_t> pin_absent_;
  std::vector<std::uint32_t> base_;
};

}  // namespace

void write_trace(Run& run, const Picked& picked, const Response& response) {
  Tracer(run, picked).write(response);
}

}  // namespace lineup
