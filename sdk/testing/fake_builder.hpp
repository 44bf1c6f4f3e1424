// SPDX-License-Identifier: Apache-2.0
//
// The slate builder of the fake host: small and obvious. What may stand next is what the request's
// `permits` says; solve() takes the best permitted row for each slot, and when no row is permitted
// the best one that is left, so that the page gets full; the search service does the same, whatever
// its limits, and claims no proof.
#ifndef LINEUP_TESTING_FAKE_BUILDER_HPP
#define LINEUP_TESTING_FAKE_BUILDER_HPP

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <vector>

#include "fake_request.hpp"
#include "lineup/ext/builder.h"
#include "lineup/ext/search.h"
#include "lineup/ext/slates.h"

namespace lineup::testing {

class FakeBuilder {
 public:
  using Slates = std::vector<std::vector<Row>>;

  FakeBuilder(const FakeRequest& request, Slates& emitted) : request_(request), emitted_(emitted) {}

  [[nodiscard]] lineup_builder* handle() { return reinterpret_cast<lineup_builder*>(this); }
  [[nodiscard]] static const lineup_host_builder* table();
  [[nodiscard]] static const lineup_host_search* search_table();
  [[nodiscard]] static const lineup_host_slates* slates_table();

 private:
  static FakeBuilder& self(lineup_builder* builder) {
    return *reinterpret_cast<FakeBuilder*>(builder);
  }
  [[nodiscard]] std::uint32_t row_count() const { return request_.candidates.row_count(); }
  static bool holds(const std::vector<Row>& rows, Row row) {
    return std::find(rows.begin(), rows.end(), row) != rows.end();
  }
  [[nodiscard]] bool is_full() const {
    return placed_.size() >= request_.slot_count ||
           placed_.size() + request_.filtered.size() >= row_count();
  }
  [[nodiscard]] bool is_free(Row row) const {
    return row < row_count() && !holds(placed_, row) && !holds(request_.filtered, row);
  }
  [[nodiscard]] bool may_stand(Row row) const {
    return !is_full() && is_free(row) && (!request_.permits || request_.permits(placed_, row));
  }

  // The best row for which `accept` holds; the first of equals.
  template <typename Accept>
  [[nodiscard]] Row best(const double* utility, Accept accept) const {
    Row found = LINEUP_NO_ROW;
    for (Row row = 0; row < row_count(); ++row) {
      if (accept(row) && (found == LINEUP_NO_ROW || utility[row] > utility[found])) found = row;
    }
    return found;
  }
  void solve(const double* utility) {
    const std::vector<double> zeros(row_count(), 0.0);
    if (utility == nullptr) {
      const FakeColumn* score = request_.candidates.find("score");
      utility = score == nullptr ? zeros.data() : score->floats.data();
    }
    while (!is_full()) {
      Row row = best(utility, [this](Row each) { return may_stand(each); });
      if (row == LINEUP_NO_ROW) row = best(utility, [this](Row each) { return is_free(each); });
      placed_.push_back(row);
    }
  }

  // What the page is worth and breaks.
  void report(const double* utility, lineup_search_report* out) const {
    if (out == nullptr) return;
    *out = {sizeof(lineup_search_report), LINEUP_SEARCHED_LIMIT, 0, 0.0, 0.0, 0.0, 0};
    std::vector<Row> page;
    for (const Row row : placed_) {
      out->value += utility[row] / std::log2(static_cast<double>(page.size()) + 2.0);
      if (request_.permits && !request_.permits(page, row)) ++out->violations;
      page.push_back(row);
    }
    out->bound = out->value;
  }
  // The slates so far, laid out as the interface has them.
  void fill_slates(lineup_slates* out) {
    slate_rows_.clear();
    slate_lengths_.clear();
    const Slates* all[] = {&request_.slates_so_far, &emitted_};
    for (const Slates* slates : all) {
      for (const std::vector<Row>& slate : *slates) {
        slate_rows_.insert(slate_rows_.end(), slate.begin(), slate.end());
        slate_lengths_.push_back(static_cast<std::uint32_t>(slate.size()));
        slate_rows_.resize(slate_lengths_.size() * request_.slot_count, 0);
      }
    }
    *out = {sizeof(lineup_slates), static_cast<std::uint32_t>(slate_lengths_.size()),
            request_.slot_count,   0,
            slate_rows_.data(),    slate_lengths_.data()};
  }

  const FakeRequest& request_;
  Slates& emitted_;
  std::vector<Row> slate_rows_;
  std::vector<std::uint32_t> slate_lengths_;
  std::vector<Row> placed_;
  std::vector<std::uint64_t> bits_;
  std::vector<std::unique_ptr<FakeBuilder>> forks_;
};

inline const lineup_host_builder* FakeBuilder::table() {
  static const lineup_host_builder kTable{
      .struct_size = sizeof(lineup_host_builder),
      .reserved = 0,
      .placed =
          [](lineup_builder* builder, const std::uint32_t** rows, std::uint32_t* count) {
            *rows = self(builder).placed_.data();
            *count = static_cast<std::uint32_t>(self(builder).placed_.size());
            return lineup_status{LINEUP_OK};
          },
      .allowed =
          [](lineup_builder* builder, const std::uint64_t** bits) {
            FakeBuilder& page = self(builder);
            page.bits_.assign((page.row_count() + 63) / 64, 0);
            for (Row row = 0; row < page.row_count(); ++row) {
              if (page.may_stand(row)) page.bits_[row / 64] |= std::uint64_t{1} << (row % 64);
            }
            *bits = page.bits_.data();
            return lineup_status{LINEUP_OK};
          },
      .permits = [](lineup_builder* builder, std::uint32_t row) -> std::int32_t {
        return self(builder).may_stand(row) ? 1 : 0;
      },
      .best_permitted = [](lineup_builder* builder, const double* utility) -> std::uint32_t {
        return self(builder).best(utility, [&](Row row) { return self(builder).may_stand(row); });
      },
      .place = [](lineup_builder* builder, std::uint32_t row) -> lineup_status {
        FakeBuilder& page = self(builder);
        if (page.is_full() || !page.is_free(row)) return LINEUP_E_INVALID_INPUT;
        page.placed_.push_back(row);
        return LINEUP_OK;
      },
      .undo = [](lineup_builder* builder) -> lineup_status {
        if (self(builder).placed_.empty()) return LINEUP_E_INVALID_INPUT;
        self(builder).placed_.pop_back();
        return LINEUP_OK;
      },
      .mark = [](lineup_builder* builder) -> std::uint32_t {
        return static_cast<std::uint32_t>(self(builder).placed_.size());
      },
      .rewind = [](lineup_builder* builder, std::uint32_t mark) -> lineup_status {
        if (mark > self(builder).placed_.size()) return LINEUP_E_INVALID_INPUT;
        self(builder).placed_.resize(mark);
        return LINEUP_OK;
      },
      .fork = [](lineup_builder* builder, lineup_builder** out) -> lineup_status {
        FakeBuilder& page = self(builder);
        page.forks_.push_back(std::make_unique<FakeBuilder>(page.request_, page.emitted_));
        page.forks_.back()->placed_ = page.placed_;
        *out = page.forks_.back()->handle();
        return LINEUP_OK;
      },
      .completable = [](lineup_builder*) -> std::int32_t { return LINEUP_UNKNOWN; },
      .penalties = [](lineup_builder* builder, double* out) -> lineup_status {
        std::fill_n(out, self(builder).row_count(), 0.0);
        return LINEUP_OK;
      },
      .solve = [](lineup_builder* builder, const double* utility) -> lineup_status {
        self(builder).solve(utility);
        return LINEUP_OK;
      },
      .emit = [](lineup_builder* builder, const double* utility) -> lineup_status {
        self(builder).solve(utility);
        self(builder).emitted_.push_back(self(builder).placed_);
        return LINEUP_OK;
      },
  };
  return &kTable;
}

inline const lineup_host_search* FakeBuilder::search_table() {
  static const lineup_host_search kTable{
      .struct_size = sizeof(lineup_host_search),
      .reserved = 0,
      .solve = [](lineup_builder* builder, const double* utility, const lineup_search_limits*,
                  lineup_search_report* report) -> lineup_status {
        self(builder).solve(utility);
        self(builder).report(utility, report);
        return LINEUP_OK;
      },
      .certify = [](lineup_builder* builder, const double* utility,
                    lineup_search_report* report) -> lineup_status {
        if (!self(builder).is_full()) return LINEUP_E_INVALID_INPUT;
        self(builder).report(utility, report);
        return LINEUP_OK;
      },
  };
  return &kTable;
}

inline const lineup_host_slates* FakeBuilder::slates_table() {
  static const lineup_host_slates kTable{
      .struct_size = sizeof(lineup_host_slates),
      .reserved = 0,
      .so_far = [](lineup_builder* builder, lineup_slates* out) -> lineup_status {
        self(builder).fill_slates(out);
        return LINEUP_OK;
      },
      .value = [](lineup_builder* builder, const lineup_slates* pages,
                  double* worth) -> lineup_status {
        const FakeRequest& request = self(builder).request_;
        if (!request.worth) return LINEUP_E_UNSUPPORTED;
        for (std::uint32_t page = 0; page < pages->slate_count; ++page) {
          const Row* rows = pages->rows + std::size_t{page} * pages->slot_count;
          worth[page] = request.worth({rows, rows + pages->lengths[page]});
        }
        return LINEUP_OK;
      },
  };
  return &kTable;
}

}  // namespace lineup::testing

#endif
