// What conditions and templates of one turn can read: the roots `event`,
// `contact`, `run`, `segments` and `now`, each made when it is first asked for.
#pragma once

#include "engine/condition.hpp"
#include "engine/contact.hpp"
#include "engine/event.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string_view>

namespace troupe::engine {

class definitions;

class turn_scope final : public condition_data {
public:
  /// @param event the event of the turn, or nullptr; outlives the scope, as do
  /// `properties` and `state`
  /// @param with names the contact's segments; null: it is in none
  turn_scope(const contact_state& state, const event_record* event,
             const boost::json::object* properties, timestamp at,
             const definitions* with = nullptr)
    : state_(state),
      event_(event),
      properties_(properties),
      at_(at),
      with_(with) {}

  [[nodiscard]] const boost::json::value*
  root(std::string_view name) const override;

  [[nodiscard]] std::optional<double>
  tallied(const tally_question& asked) const override;

  /// Whose `run` is read from now on; nullptr for none.
  void set_run(const run* current);

  /// Another event in place of the turn's own, for a look back; null ends it.
  /// @param past outlives its place
  void set_past(const past_event* past) {
    past_ = past;
    event_document_.reset();
  }

  /// The contact changed: its document is made again.
  void contact_changed() {
    contact_.reset();
    segments_.reset();
  }

private:
  const contact_state& state_;
  const event_record* event_;
  const boost::json::object* properties_;
  timestamp at_;
  const definitions* with_;
  const past_event* past_ = nullptr;
  const run* run_ = nullptr;
  mutable std::optional<boost::json::value> event_document_;
  mutable std::optional<boost::json::value> contact_;
  mutable std::optional<boost::json::value> run_document_;
  mutable std::optional<boost::json::value> now_;
  mutable std::optional<boost::json::value> segments_;
};

/// Keys of the segments that the contact is in.
boost::json::array segments_of(const contact_state& state,
                               const definitions* with);

/// The contact as conditions, templates and the API show it, without its id.
/// @param with names its segments; null: it is in none
boost::json::object contact_document(const contact_state& state,
                                     const definitions* with);

} // namespace troupe::engine
