// A contact without an actor: decides ahead of the store and applies what was
// committed, as its actor does.
#pragma once

#include "tests/support/events.hpp"
#include "tests/support/rows.hpp"

#include <utility>
#include <vector>

namespace troupe::test {

class driven_contact {
public:
  driven_contact(engine::workspace_id workspace, engine::contact_id id) {
    state_.workspace = workspace;
    state_.id = id;
    ahead_ = state_;
  }

  /// After what was committed.
  [[nodiscard]] const engine::contact_state& state() const {
    return state_;
  }

  /// After what waits to be committed too.
  [[nodiscard]] const engine::contact_state& ahead() const {
    return ahead_;
  }

  [[nodiscard]] engine::contact_id id() const {
    return state_.id;
  }

  /// Every turn that was committed, oldest first.
  [[nodiscard]] const std::vector<engine::turn>& turns() const {
    return turns_;
  }

  /// Adds a turn that was decided on ahead(). @returns its rows
  persistence::turn_rows& add(engine::turn decided,
                              engine::timestamp consumed_due = {}) {
    rows_.push_back(rows_of(decided, ahead_, consumed_due));
    engine::apply(ahead_, decided);
    waiting_.push_back(std::move(decided));
    return rows_.back();
  }

  /// Adds the turn of an event that no sequence listens to.
  persistence::turn_rows& see(const engine::event_input& what,
                              engine::timestamp now = noon) {
    return add(decided(ahead_, what, engine::definitions{0}, now));
  }

  [[nodiscard]] bool has_turns() const {
    return !waiting_.empty();
  }

  /// Everything added since the last outcome. @pre has_turns()
  [[nodiscard]] persistence::commit_unit unit(bool with_snapshot
                                              = false) const {
    persistence::commit_unit made;
    made.workspace = state_.workspace;
    made.contact = state_.id;
    made.previous = state_.last_turn;
    made.skip = state_.skip_turn;
    made.turns = rows_;
    if (with_snapshot)
      made.snapshot = persistence::snapshot_row{
        state_.seq, persistence::encode_state(state_)};
    return made;
  }

  void committed(engine::position first) {
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      waiting_[i].stamp.turn = engine::position{engine::number(first) + i};
      engine::apply(state_, waiting_[i]);
      turns_.push_back(std::move(waiting_[i]));
    }
    forget_waiting();
  }

  void forget_waiting() {
    waiting_.clear();
    rows_.clear();
    ahead_ = state_;
  }

private:
  engine::contact_state state_;
  engine::contact_state ahead_;
  std::vector<engine::turn> waiting_;
  std::vector<persistence::turn_rows> rows_;
  std::vector<engine::turn> turns_;
};

} // namespace troupe::test
