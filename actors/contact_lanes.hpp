// Who may be told what now, where the deliveries of a contact are made one
// after the other (R33, X7): while one is under way or to be tried again, later
// ones of its contact wait and those of other contacts do not.
#pragma once

#include "engine/ids.hpp"
#include "persistence/rows.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <optional>

namespace troupe::actors {

class contact_lanes {
public:
  using key = persistence::delivery_key;

  /// Whether the delivery goes now; else it waits for its contact.
  /// @param is_retry it is due by its schedule: nobody fetches it when its
  /// turn has come
  bool enter(engine::contact_id whose, const key& what, bool is_retry);

  /// Of what was to be called and may have ended since.
  [[nodiscard]] bool is_first(engine::contact_id whose, const key& what) const;

  /// The delivery is over: the next of its contact goes.
  /// @returns whether that is one by its schedule
  bool leave(engine::contact_id whose, const key& what);

  /// Takes the oldest first attempt whose turn has come.
  std::optional<key> next_ready();

  [[nodiscard]] bool has_ready() const {
    return !ready_.empty();
  }

  /// Deliveries that are known here.
  [[nodiscard]] std::size_t size() const {
    return lanes_.size() + waiting_;
  }

  /// Of these, those that are due and wait.
  [[nodiscard]] std::size_t waiting_retries() const {
    return waiting_retries_;
  }

private:
  struct lane {
    key first;
    std::map<key, bool> waiting; // whether by their schedule
  };
  std::map<engine::contact_id, lane> lanes_;
  std::deque<key> ready_;
  std::size_t waiting_ = 0;
  std::size_t waiting_retries_ = 0;
};

} // namespace troupe::actors
