// Ids: integers inside, prefixed 26-character texts outside. A text id spends
// 48 bits on its time, so texts sort by time, and ends with check bits keyed by
// the installation's seed and the workspace, so ids cannot be guessed and an id
// of another workspace does not parse.
#pragma once

#include "engine/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::engine {

enum class workspace_id : std::uint32_t {};
/// shard (8 bits), creation time in microseconds (52), counter (4).
enum class contact_id : std::uint64_t {};
/// Place of a turn in the installation's order of commits; from 1.
enum class position : std::uint64_t {};
enum class sequence_id : std::uint32_t {};
/// A webhook endpoint or a channel: whatever owns a lane of the outbox.
enum class destination_id : std::uint32_t {};
enum class segment_id : std::uint32_t {};

template <class Id>
constexpr auto number(Id id) {
  return static_cast<std::underlying_type_t<Id>>(id);
}

/// A row of the inbox. That of a trigger is what its text says.
struct inbox_id {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const inbox_id&) const = default;
};

inline constexpr unsigned shard_count = 256;

/// @returns the shard that owns the contact; below shard_count.
constexpr unsigned shard_of(contact_id id) {
  return static_cast<unsigned>(number(id) >> 56);
}

/// Hands out the ids of new contacts of one shard, increasing.
class contact_id_source {
public:
  explicit contact_id_source(unsigned shard) : shard_(shard) {}

  contact_id next(timestamp now);

private:
  std::uint64_t shard_;
  std::uint64_t last_ = 0;
};

timestamp created_at(contact_id id);

inline constexpr std::uint64_t contact_age_mask = (std::uint64_t{1} << 56) - 1;

/// Contacts by when they came to be, whatever their shards.
constexpr bool is_newer(contact_id a, contact_id b) {
  const auto age = [](contact_id id) {
    return number(id) & contact_age_mask;
  };
  // As signed numbers when they are of one moment: that is how stores sort.
  return age(a) != age(b) ? age(a) > age(b)
                          : static_cast<std::int64_t>(number(a))
                              > static_cast<std::int64_t>(number(b));
}

/// What a text id with a position names: a turn's event (ordinal 0), or the
/// run, send or delivery number `ordinal` of it.
struct position_id {
  timestamp at; // milliseconds
  position turn{};
  std::uint32_t ordinal = 0; // below 2^20
};

/// What the UUID of a trigger says of it.
struct trigger_name {
  enum class kind : std::uint8_t {
    turn = 0,   // an event that is the turn `number`
    nobody = 1, // an event that named no contact: nothing more is known
    stored = 2, // a row of its own
  };
  timestamp at; // milliseconds
  kind what{};
  std::uint64_t number = 0; // 40 bits; at random when it is no turn
};

std::string uuid_of(inbox_id id);

/// Writes and reads text ids of one installation.
class id_text {
public:
  explicit id_text(std::uint64_t seed) : seed_(seed) {}

  [[nodiscard]] std::string contact(workspace_id workspace,
                                    contact_id id) const;
  [[nodiscard]] std::optional<contact_id>
  parse_contact(workspace_id workspace, std::string_view text) const;

  /// @param prefix "evt_", "run_", "msg_", "dlv_"
  [[nodiscard]] std::string at_position(std::string_view prefix,
                                        workspace_id workspace,
                                        const position_id& id) const;
  [[nodiscard]] std::optional<position_id>
  parse_position(std::string_view prefix, workspace_id workspace,
                 std::string_view text) const;

  /// A UUID of version 8 (S12).
  [[nodiscard]] inbox_id trigger(workspace_id workspace,
                                 const trigger_name& what) const;
  [[nodiscard]] std::optional<trigger_name>
  parse_trigger(workspace_id workspace, std::string_view uuid) const;

private:
  std::uint64_t seed_;
};

/// A ULID as text: 48 bits of milliseconds, then 80 bits of `random`.
std::string ulid(timestamp at, std::uint16_t random_high,
                 std::uint64_t random_low);

} // namespace troupe::engine
