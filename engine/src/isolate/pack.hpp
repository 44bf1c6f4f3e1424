// SPDX-License-Identifier: Apache-2.0
//
// Writes a request into a region: only what the instance bound, with every pointer turned to where
// the copy lies. What was shared stays shared, because the solver compares addresses.
#pragma once

#include "isolate/region.hpp"

namespace lineup {

class Packer {
 public:
  explicit Packer(const Region& region) : at_(region.begin()), end_(region.end()) {}

  // False when the region is too small; then nothing of it may be used. [request]
  bool pack(const NodeInstance& instance, const NodeRequest& request, SharedCall& out);
  bool pack(const Problem& problem, SharedCall& out);
  // The slates that are there, with room for as many as `from` has.
  bool pack(const SlateSet& from, SharedCall& out);
  // places[i]: where output i will stand. The list in the region is the worker\'s to read, and
  // never read back.
  bool pack(std::span<const std::span<double>> outputs, std::span<const double*> places,
            SharedCall& out);
  bool pack_values(std::size_t count, SharedCall& out);

 private:
  template <typename T>
  T* allocate(std::size_t count);
  template <typename T>
  const T* copy(const T* from, std::size_t count);
  template <typename T>
  std::span<const T> copy(std::span<const T> from);
  Column copy(const Column& column, std::uint32_t rows);
  Table copy(const Table& table, const NodeInstance& instance);
  Groups copy(const Groups& groups, std::uint32_t rows);
  Constraint copy(const Constraint& constraint, const Problem& problem);
  void copy_vocabularies(const NodeInstance& instance, const NodeRequest& request, SharedCall& out);

  // What was copied already. INVARIANT: no entry outlives the request it was made for.
  struct Known {
    const void* from = nullptr;
    void* to = nullptr;
    std::size_t size = 0;
  };
  // LIMIT: different arrays of one problem; more are copied again.
  static constexpr std::size_t kKnownMax = 512;
  std::byte* at_;
  std::byte* end_;
  bool is_full_ = false;
  std::size_t known_count_ = 0;
  Known known_[kKnownMax];
};

}  // namespace lineup
