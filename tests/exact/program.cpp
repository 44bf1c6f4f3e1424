// SPDX-License-Identifier: Apache-2.0
//
// Every solve loads the program anew into CBC: models are small, and nothing of an earlier solve
// can then change a later one.
#include "exact/program.hpp"

#include <coin/Cbc_C_Interface.h>
#include <coin/Clp_C_Interface.h>

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <string>

namespace lineup::exact {

namespace {

std::vector<std::pair<int, double>> merged(const Sum& sum) {
  std::map<int, double> by_column;
  for (const auto& [column, coefficient] : sum.terms) by_column[column] += coefficient;
  return {by_column.begin(), by_column.end()};
}

struct ModelCloser {
  void operator()(Cbc_Model* model) const { Cbc_deleteModel(model); }
};
struct SimplexCloser {
  void operator()(Clp_Simplex* model) const { Clp_deleteModel(model); }
};

}  // namespace

Sum& Sum::add(const Sum& other, double factor) {
  for (const auto& [column, coefficient] : other.terms) add(column, coefficient * factor);
  constant += other.constant * factor;
  return *this;
}

int Program::add_column(double upper, bool is_whole) {
  uppers_.push_back(upper);
  is_whole_.push_back(is_whole);
  return static_cast<int>(uppers_.size()) - 1;
}

void Program::limit(const Sum& sum, double lower, double upper) {
  rows_.push_back({merged(sum), lower - sum.constant, upper - sum.constant});
}

void Program::at_least(const Sum& sum, double lower) {
  limit(sum, lower, std::numeric_limits<double>::max());
}

void Program::at_most(const Sum& sum, double upper) {
  limit(sum, -std::numeric_limits<double>::max(), upper);
}

// The program column by column, as CBC and CLP take it.
Program::Arrays Program::arrays(const Sum& objective) const {
  Arrays out;
  std::vector<std::vector<std::pair<int, double>>> by_column(uppers_.size());
  for (std::size_t row = 0; row < rows_.size(); ++row) {
    for (const auto& [column, coefficient] : rows_[row].terms) {
      by_column[static_cast<std::size_t>(column)].emplace_back(static_cast<int>(row), coefficient);
    }
    out.row_lower.push_back(rows_[row].lower);
    out.row_upper.push_back(rows_[row].upper);
  }
  for (const auto& entries : by_column) {
    for (const auto& [row, coefficient] : entries) {
      out.indexes.push_back(row);
      out.values.push_back(coefficient);
    }
    out.starts.push_back(static_cast<int>(out.indexes.size()));
  }
  out.costs.assign(uppers_.size(), 0.0);
  for (const auto& [column, coefficient] : objective.terms) {
    out.costs[static_cast<std::size_t>(column)] += coefficient;
  }
  out.lowers.assign(uppers_.size(), 0.0);
  return out;
}

Optimum Program::maximise(const Sum& objective, double seconds_max) const {
  const Arrays the = arrays(objective);
  const std::unique_ptr<Cbc_Model, ModelCloser> model(Cbc_newModel());
  Cbc_loadProblem(model.get(), static_cast<int>(uppers_.size()), static_cast<int>(rows_.size()),
                  the.starts.data(), the.indexes.data(), the.values.data(), the.lowers.data(),
                  uppers_.data(), the.costs.data(), the.row_lower.data(), the.row_upper.data());
  Cbc_setObjSense(model.get(), -1.0);
  for (std::size_t column = 0; column < uppers_.size(); ++column) {
    if (is_whole_[column]) Cbc_setInteger(model.get(), static_cast<int>(column));
  }
  Cbc_setParameter(model.get(), "log", "0");
  Cbc_setParameter(model.get(), "ratioGap", "0");
  Cbc_setParameter(model.get(), "allowableGap", "0");
  Cbc_setParameter(model.get(), "sec", std::to_string(seconds_max).c_str());
  Cbc_solve(model.get());
  Optimum out;
  out.exists = Cbc_isProvenOptimal(model.get()) != 0;
  out.is_proven = out.exists || Cbc_isProvenInfeasible(model.get()) != 0;
  if (!out.exists) return out;
  out.objective = Cbc_getObjValue(model.get()) + objective.constant;
  const double* solution = Cbc_getColSolution(model.get());
  out.columns.assign(solution, solution + uppers_.size());
  return out;
}

std::optional<double> Program::relaxed(const Sum& objective, double seconds_max) const {
  const Arrays the = arrays(objective);
  const std::unique_ptr<Clp_Simplex, SimplexCloser> model(Clp_newModel());
  Clp_setLogLevel(model.get(), 0);
  Clp_loadProblem(model.get(), static_cast<int>(uppers_.size()), static_cast<int>(rows_.size()),
                  the.starts.data(), the.indexes.data(), the.values.data(), the.lowers.data(),
                  uppers_.data(), the.costs.data(), the.row_lower.data(), the.row_upper.data());
  Clp_setOptimizationDirection(model.get(), -1.0);
  Clp_setMaximumSeconds(model.get(), seconds_max);
  Clp_initialSolve(model.get());
  if (Clp_status(model.get()) != 0) return std::nullopt;
  return Clp_objectiveValue(model.get()) + objective.constant;
}

}  // namespace lineup::exact
