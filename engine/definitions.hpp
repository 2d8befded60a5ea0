// A workspace's sequences, segments, templates, channels and endpoints as one
// immutable, indexed snapshot: what a turn is decided with.
#pragma once

#include "engine/calendar.hpp"
#include "engine/engagement.hpp"
#include "engine/event_names.hpp"
#include "engine/message_template.hpp"
#include "engine/segment_definition.hpp"
#include "engine/sequence_definition.hpp"
#include "engine/watched_tallies.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace troupe::engine {

struct published_sequence {
  sequence_id id{};
  std::uint32_t version = 0;
  bool active = false; // starts runs; other versions only finish theirs
  std::shared_ptr<const sequence_definition> definition;
  /// Starts none, and its runs stay where they are.
  bool paused = false;
};

struct webhook_subscription {
  destination_id endpoint{};
  std::vector<event_pattern> events;
  std::optional<condition> filter;
};

class definitions {
public:
  explicit definitions(std::uint64_t version) : version_(version) {}

  /// Before what listens to events is added.
  void set_names(event_names names) {
    names_ = std::move(names);
  }

  [[nodiscard]] const event_names& names() const {
    return names_;
  }

  /// @pre its definition hears all names: names().widened()
  void add(published_sequence sequence);
  void add(webhook_subscription subscription);
  void add_channel(std::string key, destination_id destination);
  /// A channel whose sends are put into the contact's inbox.
  /// @param life of a nudge whose `send` says none
  void add_nudge_channel(std::string key, destination_id destination,
                         duration life);
  void add(std::shared_ptr<const published_template> message);

  /// @pre the segments it asks about were added before
  void add(published_segment segment);
  void set_sessions(const session_policy& policy) {
    sessions_ = policy;
  }

  [[nodiscard]] const session_policy& sessions() const {
    return sessions_;
  }

  /// A checklist by its key, with the keys of its steps, sorted.
  void add_checklist(std::string key, std::vector<std::string> steps);

  /// Null for one that is not there.
  [[nodiscard]] const std::vector<std::string>*
  checklist(const std::string& key) const;

  /// Of contacts that have none that is known; UTC unless it is set.
  void set_zone(local_zone zone) {
    zone_ = zone;
  }

  [[nodiscard]] const local_zone& zone() const {
    return zone_;
  }

  /// Where the calls of `http` nodes go.
  void set_steps(destination_id destination) {
    steps_ = destination;
  }

  [[nodiscard]] std::uint64_t version() const {
    return version_;
  }

  [[nodiscard]] destination_id steps() const {
    return steps_;
  }

  /// @returns nothing for a version that was never published
  [[nodiscard]] const published_sequence* find(sequence_id id,
                                               std::uint32_t version) const;
  /// The version that starts runs, or nullptr.
  [[nodiscard]] const published_sequence* starting(sequence_id id) const;
  [[nodiscard]] const published_sequence*
  starting(const std::string& key) const;
  /// Whether a frequency cap counts what a sequence sends over a channel.
  [[nodiscard]] bool is_counted(sequence_id sequence,
                                const std::string& channel) const;

  /// How far back the caps look.
  [[nodiscard]] duration counted_for() const {
    return counted_for_;
  }

  [[nodiscard]] std::optional<destination_id>
  channel(const std::string& key) const;

  /// How long what goes over the channel stays in inboxes; nothing for a
  /// channel of another kind.
  [[nodiscard]] std::optional<duration>
  nudge_life_of(destination_id channel) const;

  /// @returns null for one that is not there
  [[nodiscard]] const published_template*
  find_template(const std::string& key) const;

  [[nodiscard]] const std::vector<published_segment>& segments() const {
    return segments_;
  }

  /// Nothing for one that is not there.
  [[nodiscard]] const std::string* segment_key(segment_id id) const;
  /// Another one when any segment is another; 0: there is none.
  [[nodiscard]] std::uint64_t segments_digest() const {
    return segments_digest_;
  }

  [[nodiscard]] const watched_tallies& tallies() const {
    return tallies_;
  }

  struct trigger {
    std::shared_ptr<const published_sequence> sequence;
    std::size_t clause = 0; // of its triggers
  };

  [[nodiscard]] const pattern_index<trigger>& triggers() const {
    return triggers_;
  }

  [[nodiscard]] const pattern_index<
    std::shared_ptr<const webhook_subscription>>&
  subscriptions() const {
    return subscriptions_;
  }

private:
  std::uint64_t version_;
  event_names names_;
  destination_id steps_{};
  std::map<std::pair<sequence_id, std::uint32_t>,
           std::shared_ptr<const published_sequence>>
    sequences_;
  std::map<std::string, std::shared_ptr<const published_sequence>> starting_;
  pattern_index<trigger> triggers_;
  pattern_index<std::shared_ptr<const webhook_subscription>> subscriptions_;
  std::map<std::string, destination_id> channels_;
  std::map<destination_id, duration> nudge_lives_;
  std::map<std::string, std::shared_ptr<const published_template>> templates_;
  std::vector<published_segment> segments_;
  std::uint64_t segments_digest_ = 0;
  watched_tallies tallies_;
  std::set<sequence_id> capped_sequences_;
  std::set<std::string> capped_channels_;
  duration counted_for_{};
  session_policy sessions_;
  local_zone zone_;
  std::map<std::string, std::vector<std::string>> checklists_;
};

} // namespace troupe::engine
