// DEFINITIONS: checks changes of what workspaces have, stores them, and
// publishes the whole as one catalog. Decisions made after the answer to a
// change use it.
#pragma once

#include "actors/dispatch.hpp"
#include "actors/work.hpp"
#include "messages/catalog.hpp"
#include "messages/protocol.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe::actors {

/// Makes the catalog and the destination table of all rows; sequences and
/// templates are compiled once per version.
class catalog_builder {
public:
  void build(const rows_loaded& rows);

  /// Stored sequences and templates that no longer compile, left out: id and
  /// reason.
  std::vector<std::string> broken;
  std::shared_ptr<messages::catalog> catalog;
  std::shared_ptr<destination_table> destinations;

private:
  void add_workspace(const persistence::workspace_row& row);
  void add_key(const persistence::key_row& row);
  void add_destination(const persistence::destination_row& row);
  void add_sequence(const persistence::sequence_row& row);
  void add_event_type(const persistence::event_type_row& row);
  void add_named(const persistence::named_row& row);
  void add_template(const persistence::template_row& row);

  using version_key = std::pair<engine::sequence_id, std::uint32_t>;
  std::map<version_key, std::shared_ptr<const engine::sequence_definition>>
    compiled_;
  std::map<std::pair<std::uint64_t, std::uint32_t>,
           std::shared_ptr<const engine::published_template>>
    templates_; // by id and version: the newest of each
  std::map<engine::workspace_id, std::set<std::string>> channels_;
  std::map<engine::workspace_id, std::shared_ptr<const engine::rate_limits>>
    limits_;
  std::map<engine::workspace_id, std::shared_ptr<engine::definitions>>
    definitions_;
  /// The version of a sequence that starts runs: its newest active one.
  std::map<engine::sequence_id, std::uint32_t> starting_;
  /// Outlive the versions of the catalog.
  std::map<std::uint32_t, std::shared_ptr<std::atomic<std::int64_t>>>
    last_used_;
  std::uint64_t version_ = 0;
};

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
  engine::duration read_again = std::chrono::milliseconds{200};
};

/// What a wish comes to: rows to store, or none when it holds already.
struct wished_rows {
  std::vector<persistence::any_row> rows;
  boost::json::object shown; // without what the store adds
  persistence::admin_row note;
  std::vector<messages::dependant> in_use; // then nothing is stored
};

struct definitions_actor_state {
  static inline const char* name = "definitions";

  using promise = caf::typed_response_promise<messages::definition_changed>;

  promise change(messages::definition_change& wish);
  void tick();

  messages::definitions_actor::pointer self = nullptr;
  definitions_options options;

private:
  struct waiting {
    messages::definition_change wish;
    promise answer;
  };

  void next();
  void store(wished_rows wish);
  void publish(messages::definition_changed answer);
  void publish_later();
  void finish(messages::definition_changed answer);

  std::deque<waiting> queue_; // one change at a time
  bool busy_ = false;
  messages::definition_changed answer_; // once what is stored is published
};

messages::definitions_actor::behavior_type definitions(
  messages::definitions_actor::stateful_pointer<definitions_actor_state> self,
  definitions_options options);

} // namespace troupe::actors
