// What of a workspace names something that is to go: in the newest and in the
// active version of sequences that are not archived, in other versions while
// they have runs, and in endpoints.
#pragma once

#include "messages/catalog.hpp"
#include "messages/commands.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace troupe::actors {

/// Triggers, waits, states, exits and emits of sequences, questions about
/// events of sequences and segments, steps of funnels, and webhooks by their
/// id; prefixes and `*` name no type. Sequences of a ready automation are told
/// as that.
std::vector<messages::dependant>
users_of_event(const messages::workspace_catalog& of, const std::string& name);

/// A version of a sequence that names something and starts no runs.
struct older_version {
  engine::sequence_id sequence{};
  std::uint32_t number = 0;
  messages::dependant whose;
};

/// They use the event while they have runs, which the store alone knows.
std::vector<older_version>
older_users_of_event(const messages::workspace_catalog& of,
                     const std::string& name);

/// Adds one that is not among them.
void add_dependant(std::vector<messages::dependant>& to,
                   messages::dependant what);

/// Sequences that send on the channel.
std::vector<messages::dependant>
users_of_channel(const messages::workspace_catalog& of, const std::string& key);

/// Sequences and segments that ask who is in it.
std::vector<messages::dependant>
users_of_segment(const messages::workspace_catalog& of, const std::string& key);

/// Sequences that send what it says.
std::vector<messages::dependant>
users_of_template(const messages::workspace_catalog& of,
                  const std::string& key);

} // namespace troupe::actors
