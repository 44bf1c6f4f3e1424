// SPDX-License-Identifier: Apache-2.0
//
// What one page is worth by what was observed and by how its items differ. Pure functions of values
// in slot order; a slot is discounted by 1 / log2(slot + 1), slots counted from 1.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace lineup::cli {

// The groups (codes of a category column) that an item is in.
using Groups = std::vector<std::uint32_t>;

// Gain 2^label - 1. `offered` are the labels of all candidates, of which the best order is the
// ideal. 0 where nothing offered has a gain.
[[nodiscard]] double ndcg(std::span<const double> page, std::span<const double> offered);

// Mean over the page's relevant slots of the share of relevant ones up to there; 0 without any.
[[nodiscard]] double average_precision(std::span<const double> page);

// How much a further relevant item of a group that was relevant before still counts.
inline constexpr double kAlpha = 0.5;
// Alpha-NDCG: a relevant item gains, for each of its groups, (1 - alpha) to the number of relevant
// items of the group above it. The ideal is built greedily from what was offered.
[[nodiscard]] double alpha_ndcg(std::span<const double> page, std::span<const Groups> page_groups,
                                std::span<const double> offered,
                                std::span<const Groups> offered_groups);

// Share of the page's pairs without a common group. 0 for pages of less than two.
[[nodiscard]] double different_pairs(std::span<const Groups> page);

// ERR-IA of a page by its groups alone: sum over slots of 1 / (slot (1 + 2^same)), where `same`
// items above share a group with this one, over the sum of 1 / (slot 2^slot). Larger where kinds
// come back late; 0 for an empty page. Published tables of listwise models state it in this form.
[[nodiscard]] double err_ia(std::span<const Groups> page);

// Mean over the page's pairs of 1 - cosine; a row without a vector is at distance 1 from all.
[[nodiscard]] double intra_list_distance(std::span<const std::span<const float>> page);

// Share of the groups offered that the page shows, of as many as the page could show at all: a page
// of `n` slots is not held against more than `n` groups.
[[nodiscard]] double group_coverage(std::span<const Groups> page, std::span<const Groups> offered);

}  // namespace lineup::cli
