// SPDX-License-Identifier: Apache-2.0
#include "script/replay.hpp"

#include <utility>

namespace lineup {

Replay::Replay(Facts& facts, std::shared_ptr<Recall> recall, std::size_t uses)
    : facts_(facts), recall_(std::move(recall)), uses_(uses), symbols_(facts.schema().size()) {}

CallCounts Replay::counts() const {
  const std::uint64_t asked = asked_.load(std::memory_order_relaxed);
  return {asked + passed_.load(std::memory_order_relaxed), asked,
          found_.load(std::memory_order_relaxed)};
}

void Replay::bind() {
  // The symbols lie in the arena of the facts, which is the request's.
  for (auto& column : symbols_) column = {};
}

bool Replay::bits_of(const FactAnswer& answer, bool may_add, std::uint64_t& bits) {
  bits = answer.bits;
  if (answer.tag != FactAnswer::Tag::Text) return true;
  Symbol symbol = kNoSymbol;
  if (answer.column < 0) {
    symbol = may_add ? recall_->intern(answer.text) : recall_->find(answer.text);
  } else {
    const auto column = static_cast<std::size_t>(answer.column);
    std::span<Symbol>& known = symbols_[column];
    if (known.empty()) {
      known = facts_.arena().zeroed<Symbol>(facts_.batch().vocabularies[column].size());
    }
    Symbol& cached = known[answer.bits];
    if (cached == kNoSymbol) {
      cached = may_add ? recall_->intern(answer.text) : recall_->find(answer.text);
    }
    symbol = cached;
  }
  bits = symbol;
  return symbol != kNoSymbol;
}

FactAnswer Replay::ask(const Question& question) {
  if (question.op != Question::Op::Has) return facts_.ask(question);
  return FactAnswer::of(facts_.has(question.row, static_cast<std::uint32_t>(question.column),
                                   recall_->text(static_cast<Symbol>(question.number))));
}

std::optional<double> Replay::replay(std::size_t use) {
  ++uses_[use].asked;
  count(asked_);
  const Recall::Node* node = recall_->root(use);
  while (node != nullptr && !node->is_leaf) {
    const FactAnswer answer = ask(node->question);
    std::uint64_t bits = 0;
    node = bits_of(answer, false, bits) ? recall_->next(use, *node, answer.tag, bits) : nullptr;
  }
  if (node == nullptr) {
    if (uses_[use].asked >= kTrialCalls) judge_use(use);
    return std::nullopt;
  }
  ++uses_[use].found;
  count(found_);
  return node->value;
}

// Looking up costs a few questions; a rule that mostly runs anyway is better off without.
void Replay::judge_use(std::size_t use) {
  Use& own = uses_[use];
  own.is_off = recall_->is_full(use) && own.found < own.asked / 2;
  own.asked = 0;
  own.found = 0;
}

void Replay::add(const Question& question, FactAnswer::Tag tag, std::uint64_t bits) {
  for (std::size_t i = 0; i < size_; ++i) {
    if (steps_[i].question == question) return;  // it got the same answer
  }
  if (size_ == steps_.size()) {
    is_lost_ = true;
    return;
  }
  steps_[size_++] = {question, tag, bits};
}

void Replay::note(const Question& question, const FactAnswer& answer) {
  const bool is_charged = question.op == Question::Op::Count ||
                          question.op == Question::Op::CountSame ||
                          question.op == Question::Op::Distance;
  charged_ += is_charged ? 1 : 0;
  std::uint64_t bits = 0;
  if (!bits_of(answer, true, bits)) {
    is_lost_ = true;
    return;
  }
  add(question, answer.tag, bits);
}

void Replay::note_has(RowName row, std::uint32_t column, std::string_view text, bool answer) {
  ++charged_;
  const Symbol symbol = recall_->intern(text);
  if (symbol == kNoSymbol) {
    is_lost_ = true;
    return;
  }
  Question question;
  question.op = Question::Op::Has;
  question.row = row;
  question.column = static_cast<std::int32_t>(column);
  question.number = static_cast<std::int32_t>(symbol);
  add(question, FactAnswer::Tag::Bool, answer ? 1 : 0);
}

void Replay::keep(std::size_t use, double value) {
  if (!is_lost_) recall_->store(use, {steps_.data(), size_}, value);
}

}  // namespace lineup
