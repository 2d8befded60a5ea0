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

  /// First attempts that one contact may have waiting here; later ones are
  /// refused and stay in the outbox, so that no contact takes the room of all.
  static constexpr std::size_t waiting_max = 100;

  /// A delivery and whom it is about.
  struct turn_come {
    engine::contact_id whose{};
    key what;
    bool operator==(const turn_come&) const = default;
  };

  /// What becomes possible when a delivery is over.
  struct freed {
    bool is_retry = false; // the next one is due by its schedule
    /// The oldest that was refused, when nothing waits any more: the outbox is
    /// to be read again from there.
    std::optional<key> refused;
  };

  /// Whether the delivery goes now; else it waits for its contact.
  /// @param is_retry it is due by its schedule: nobody fetches it when its
  /// turn has come
  bool enter(engine::contact_id whose, const key& what, bool is_retry);

  /// Of what was to be called and may have ended since.
  [[nodiscard]] bool is_first(engine::contact_id whose, const key& what) const;

  /// The delivery is over: the next of its contact goes if it was the first.
  freed leave(engine::contact_id whose, const key& what);

  /// A first attempt whose turn had come was not made: it is ready again,
  /// unless it was made otherwise and is due by its schedule.
  void again(engine::contact_id whose, const key& what);

  /// Takes the oldest first attempt whose turn has come.
  std::optional<turn_come> next_ready();

  [[nodiscard]] bool has_ready() const {
    return !ready_.empty();
  }

  /// Deliveries that are known here.
  [[nodiscard]] std::size_t size() const {
    return lanes_.size() + waiting_;
  }

  /// Of these, those that wait and are fetched by their schedule.
  [[nodiscard]] std::size_t waiting_retries() const {
    return waiting_retries_;
  }

private:
  struct lane {
    key first;
    bool is_retry = false;       // then nobody fetches it: its turn cannot come
    std::map<key, bool> waiting; // whether by their schedule
    std::optional<key> refused;  // the oldest that found no room
  };

  // Whether it is the first of its contact, and a first attempt.
  [[nodiscard]] bool awaits_turn(const turn_come& what) const;

  // Whether it was one by its schedule.
  bool stop_waiting(lane& in, std::map<key, bool>::iterator which);

  std::map<engine::contact_id, lane> lanes_;
  std::deque<turn_come> ready_;
  std::size_t waiting_ = 0;
  std::size_t waiting_retries_ = 0;
};

} // namespace troupe::actors
