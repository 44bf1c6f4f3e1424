// SPDX-License-Identifier: Apache-2.0
//
// A generator that learns: the row on the first slot is the number of calls it has had, over all
// instances that carried the count on. FORMAT is the version of its state; it takes no other.
#include <lineup/plugin.hpp>
#include <string>

LINEUP_METADATA(R"({"name": "counts", "version": "1.0.0", "about": "Counts its calls.", "types": [
  {"name": "counts", "kind": "generator", "about": "Counts its calls.", "threads": "serial",
   "deterministic": false, "columns": [],
   "configuration": {"type": "object", "additionalProperties": false, "properties": {}}}]})");

namespace {

using namespace lineup::plugin;

class Counts : public Generator {
 public:
  static constexpr const char* kName = "counts";
  static constexpr const char* kId = "dev.lineup.test.counts/1";

  explicit Counts(const Config&) {}
  Status generate(const Call& call, Builder& builder) {
    const auto utility = call.allocate<double>(call.row_count());
    if (utility.empty()) return LINEUP_E_BUDGET;
    for (std::uint32_t row = 0; row < utility.size(); ++row) {
      utility[row] = row == count_ ? 1000.0 : -static_cast<double>(row);
    }
    ++count_;
    return builder.emit(utility);
  }
  void save(StateWriter& out) const {
    out.value(kMark);
    out.value(count_);
  }
  void load(StateReader& in) {
    in.expect(kMark);
    count_ = in.value<std::uint64_t>();
    in.end();
  }

 private:
  static constexpr std::uint64_t kMark = 0x73746E756F630000U + FORMAT;
  std::uint64_t count_ = 0;
};

}  // namespace

LINEUP_PLUGIN("1.0.0", Counts)
