// DEFINITIONS: checks changes of what workspaces have, stores them, and
// publishes the whole as one catalog. Decisions made after the answer to a
// change use it.
#pragma once

#include "actors/catalog_builder.hpp"
#include "actors/dependants.hpp"
#include "actors/dispatch.hpp"
#include "actors/work.hpp"
#include "messages/catalog.hpp"
#include "messages/protocol.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe::actors {

/// A new API key: the text is shown once, the rest is stored.
struct made_key {
  std::string text;
  std::string prefix;
  std::array<std::uint8_t, 32> hash{};
};

struct definitions_options {
  messages::reader_actor reader;
  messages::persistence_actor persistence;
  messages::dispatch_actor dispatch;
  messages::reviewer_actor reviewer;
  std::shared_ptr<messages::published_catalog> catalog;
  std::shared_ptr<messages::published<destination_table>> destinations;
  /// Whether a webhook or channel may have this URL.
  std::function<engine::status(const std::string&)> check_url;
  /// A new "whsec_…".
  std::function<engine::result<std::string>()> make_secret;
  /// With what was published at start.
  catalog_builder builder;
  /// A new text id with the prefix.
  std::function<std::string(std::string_view)> make_id;
  std::function<made_key(engine::key_kind)> make_key;
  clock_source clock = system_time;
  /// What was stored cannot be read: the next try, while the change waits.
  engine::duration retry_after = std::chrono::milliseconds{200};
};

/// What a wish comes to: rows to store, or none when it holds already.
struct wished_rows {
  std::vector<persistence::any_row> rows;
  boost::json::object shown; // without what the store adds
  persistence::admin_row note;
  std::vector<messages::dependant> in_use; // then nothing is stored
  std::vector<older_version> older;        // in use while they have runs
};

struct definitions_actor_state {
  static inline const char* name = "definitions";

  using promise = caf::typed_response_promise<messages::definition_changed>;

  promise change(messages::definition_change& wish);
  void read_again();
  void tick();

  messages::definitions_actor::pointer self = nullptr;
  definitions_options options;

private:
  struct waiting {
    messages::definition_change wish;
    promise answer;
  };

  void next();
  void ask_for_runs(wished_rows wish, std::size_t asked);
  void go_on(wished_rows wish);
  void store(wished_rows wish);
  void publish(std::optional<messages::definition_changed> answer);
  void publish_later();
  void finish(messages::definition_changed answer);

  std::deque<waiting> queue_; // one change at a time
  bool busy_ = false;
  bool is_outdated_ = false; // what was published, by another process
  // Once what is stored is published; nothing: nobody asked for a change.
  std::optional<messages::definition_changed> answer_;
};

messages::definitions_actor::behavior_type definitions(
  messages::definitions_actor::stateful_pointer<definitions_actor_state> self,
  definitions_options options);

} // namespace troupe::actors
