// What of a workspace names something that is to go: in the newest and in the
// active version of sequences that are not archived, and in endpoints.
#pragma once

#include "messages/catalog.hpp"
#include "messages/commands.hpp"

#include <string>
#include <vector>

namespace troupe::actors {

/// Triggers, waits, states and exits of sequences, questions about events of
/// sequences and segments, steps of funnels, and webhooks by their id; prefixes
/// and `*` name no type.
std::vector<messages::dependant>
users_of_event(const messages::workspace_catalog& of, const std::string& name);

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
