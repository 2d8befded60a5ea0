// From stored rows to what the other actors and the front look things up in.
#pragma once

#include "actors/destination_table.hpp"
#include "actors/work.hpp"
#include "messages/catalog.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
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
  std::shared_ptr<const engine::json_schema>
  contract_of(const persistence::event_type_row& row);
  void add_named(const persistence::named_row& row);
  void add_template(const persistence::template_row& row);
  void add_segment(const persistence::segment_row& row);
  void publish_segments(engine::workspace_id workspace);

  using version_key = std::pair<engine::sequence_id, std::uint32_t>;
  std::map<version_key, std::shared_ptr<const engine::sequence_definition>>
    compiled_;
  std::map<std::pair<std::uint64_t, std::uint32_t>,
           std::shared_ptr<const engine::published_template>>
    templates_; // by id and version: the newest of each
  std::map<std::pair<engine::segment_id, std::uint32_t>, engine::condition>
    conditions_; // of segments, by id and version
  struct contract {
    std::string schema; // JSON text
    std::shared_ptr<const engine::json_schema> compiled;
  };
  std::map<std::pair<engine::workspace_id, std::string>, contract>
    contracts_; // of event types, by name
  std::map<engine::workspace_id, engine::event_names> names_; // of them
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
  /// Of test workspaces, over all versions of the catalog.
  std::unordered_map<engine::workspace_id,
                     std::shared_ptr<messages::test_clock>>
    clocks_;
  std::uint64_t version_ = 0;
};

} // namespace troupe::actors
