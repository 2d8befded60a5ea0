// What erasing a contact (X10) leaves of it, and what is said of it after.
#pragma once

#include "engine/contact.hpp"
#include "engine/error.hpp"
#include "engine/identity.hpp"
#include "engine/turn.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::engine {

/// The turn without what it said of its contact: what it led to is still
/// found, for deliveries have rows of their own.
turn erased_form(const turn& of);

/// All that a contact has set.
std::vector<timer> timers_of(const contact_state& state);

/// What is kept of an identity: by it nobody is found, and the same one is
/// known again.
/// @param secret of the installation
std::string tombstone_of(std::string_view secret, workspace_id workspace,
                         const identity& who);

/// What a certificate calls a contact; who knows its text id can tell.
std::string contact_hash(std::string_view text_id);

/// What a client hears that repeats an event of someone who was erased, or
/// brings someone back where that is refused.
error contact_erased();

/// An erasure, as far as it is: what its certificate is made of.
struct erasure_row {
  std::uint64_t id = 0;
  std::string text_id;
  workspace_id workspace{};
  std::string contact_hash;
  timestamp began_at{};
  std::optional<timestamp> finished_at; // absent: it goes on
  std::uint64_t turns = 0;              // there were
  /// Rows of each table that were erased, or lost what they said.
  std::map<std::string, std::uint64_t> counts;
};

/// The warning of an event that names an identity which was erased.
inline constexpr std::string_view erased_before = "contact_erased_before";

} // namespace troupe::engine
