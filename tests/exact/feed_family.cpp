// SPDX-License-Identifier: Apache-2.0
//
// Videos of a recorded feed with their authors, tags and ads, cut into small batches that can be
// solved and large ones that can be bounded. The recording is not part of the project.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "exact/families.hpp"

namespace lineup::exact {

namespace {

using brute::below;
using brute::Instance;
using brute::Random;

struct Video {
  std::uint32_t author = 0;
  std::uint32_t tag = 0;
  bool is_ad = false;
  double score = 0.0;
};
using Videos = std::vector<Video>;

std::filesystem::path recording() {
  const char* shared = std::getenv("LINEUP_SHARED");
  const std::filesystem::path root = shared != nullptr
                                         ? std::filesystem::path(shared)
                                         : std::filesystem::path(LINEUP_SOURCE_DIR) / "../shared";
  return root / "data/kuairand/items.csv.gz";
}

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> out(1);
  for (const char c : line) {
    if (c == ',') {
      out.emplace_back();
    } else {
      out.back().push_back(c);
    }
  }
  return out;
}

struct PipeCloser {
  void operator()(FILE* pipe) const { pclose(pipe); }
};

Videos read_videos() {
  Videos out;
  const std::filesystem::path path = recording();
  if (!std::filesystem::exists(path)) return out;
  const std::unique_ptr<FILE, PipeCloser> pipe(
      popen(("gzip -dc '" + path.string() + "'").c_str(), "r"));
  if (pipe == nullptr) return out;
  std::array<char, 4096> line{};
  std::map<std::string, std::uint32_t> tags;
  bool is_head = true;
  while (std::fgets(line.data(), line.size(), pipe.get()) != nullptr) {
    if (std::exchange(is_head, false)) continue;
    const auto fields = fields_of(line.data());
    if (fields.size() < 20) continue;
    const auto tag = tags.emplace(fields[11], static_cast<std::uint32_t>(tags.size())).first;
    const double shown = std::max(1.0, std::atof(fields[13].c_str()));
    out.push_back({static_cast<std::uint32_t>(std::atoll(fields[1].c_str())), tag->second,
                   fields[2] == "AD", std::min(1.0, std::atof(fields[16].c_str()) / shown)});
  }
  return out;
}

// Numbers the values from 0 in order of appearance.
Groups numbered(Instance& instance, const std::vector<std::uint32_t>& values) {
  std::map<std::uint32_t, std::uint32_t> known;
  std::vector<std::uint32_t> codes;
  for (const std::uint32_t value : values) {
    codes.push_back(known.emplace(value, static_cast<std::uint32_t>(known.size())).first->second);
  }
  return instance.single(codes, static_cast<std::uint32_t>(known.size()));
}

// A batch around one ad in ten, under the rules of a home feed.
Case cut(const Videos& videos, const Videos& ads, std::uint64_t seed, std::uint32_t rows,
         std::uint32_t slots) {
  Random random(seed * 31337 + rows);
  Case out;
  out.instance = std::make_unique<Instance>(rows, slots);
  Instance& instance = *out.instance;
  Videos batch;
  for (std::uint32_t row = 0; row < rows; ++row) {
    const Videos& from = row % 10 == 3 ? ads : videos;
    batch.push_back(from[below(random, static_cast<std::uint32_t>(from.size()))]);
  }
  std::stable_sort(batch.begin(), batch.end(),
                   [](const Video& a, const Video& b) { return a.score > b.score; });
  std::vector<std::uint32_t> authors;
  std::vector<std::uint32_t> tags;
  std::vector<bool> is_ad;
  for (std::uint32_t row = 0; row < rows; ++row) {
    instance.utility[row] = batch[row].score;
    authors.push_back(batch[row].author);
    tags.push_back(batch[row].tag);
    is_ad.push_back(batch[row].is_ad);
  }
  const auto window = [&](const std::vector<std::uint32_t>& values, std::uint32_t size,
                          std::uint32_t max, std::uint16_t level) {
    Constraint& one = instance.add(Kind::Window, Tier::Hard, level);
    one.has_by = true;
    one.groups = numbered(instance, values);
    one.size = size;
    one.max = max;
  };
  window(tags, 3 + below(random, 3), 1, 1);
  window(authors, 8, 1, 0);
  Constraint& spacing = instance.add(Kind::Spacing, Tier::Hard, 2);
  spacing.where = instance.mask(is_ad);
  spacing.gap = 3;
  spacing.first_slot = 2;
  Constraint& quota = instance.add(Kind::Quota, Tier::Hard, 3);
  quota.where = spacing.where;
  quota.min = slots / 6;
  quota.max = quota.min + 1;
  return out;
}

}  // namespace

std::vector<Family> feed_families() {
  const auto all = std::make_shared<Videos>(read_videos());
  if (all->empty()) {
    std::fprintf(stderr, "recorded feeds skipped: no file `%s`\n", recording().c_str());
    return {};
  }
  const auto ads = std::make_shared<Videos>();
  for (const Video& video : *all) {
    if (video.is_ad) ads->push_back(video);
  }
  std::vector<Family> out;
  out.push_back({"feed N=14 K=8", Judge::Program, 0.0, 20, 500,
                 [all, ads](std::uint64_t seed) { return cut(*all, *ads, seed, 14, 8); }});
  out.push_back({"feed N=200 K=20", Judge::Bound, 0.005, 1, 30,
                 [all, ads](std::uint64_t seed) { return cut(*all, *ads, seed, 200, 20); }});
  return out;
}

}  // namespace lineup::exact
