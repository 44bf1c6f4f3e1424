// SPDX-License-Identifier: Apache-2.0
//
// A scene with a column of every type, and what its conditions may name.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "condition/condition.hpp"

namespace lineup {

struct ColumnScene {
  Schema schema;
  ContextLayout context;
  Lists lists;
  std::vector<std::string> segments = {"newcomers", "night"};
  const TimeZone* zone = nullptr;

  ColumnScene() {
    add("price", ColumnType::Float);
    add("list_price", ColumnType::Float);
    add("votes", ColumnType::Integer);
    add("category", ColumnType::Category);
    add("author", ColumnType::Category);
    add("tags", ColumnType::Categories);
    add("is_new", ColumnType::Bool);
    add("sponsored", ColumnType::Bool);
    add("released", ColumnType::Time);
    add("vector", ColumnType::Embedding);
    lists["blocked_authors"] = std::make_shared<const IdList>("a\nc\n1\n3\n");
    lists["prices"] = std::make_shared<const IdList>("1\n9.50\n5e2\n0.5\nfree\n");
  }

  [[nodiscard]] ConditionScope scope() { return {&schema, &context, &lists, &segments, zone}; }

 private:
  void add(std::string name, ColumnType type) {
    ColumnSpec column;
    column.name = std::move(name);
    column.type = type;
    schema.add(std::move(column));
  }
};

}  // namespace lineup
