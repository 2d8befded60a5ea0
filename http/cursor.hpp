// Where a list goes on, as clients carry it back: opaque, and authenticated, so
// that a cursor that was changed, or belongs to another workspace or another
// list, is refused (J11).
#pragma once

#include "engine/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::http {

/// Append only: cursors of before an upgrade stay good.
enum class list_kind : std::uint8_t {
  events = 1,
  audit_log = 2,
  keys = 3,
  workspaces = 4,
  deliveries = 10,
  replays = 11,
  contacts = 12,
  timeline = 13,
  runs = 14,
  sequences = 16,
  sequence_versions = 17,
  sequence_runs = 18,
  webhooks = 19,
  channels = 20,
  event_types = 21,
  templates = 24,
  segments = 25,
  explanations = 40,
  checklists = 41,
  funnels = 42,
  executions = 43,
  test_outbox = 44,
  nudges = 60,
  rejected_events = 61,
  triggered = 62,
  erasures = 63,
};

/// What comes next is before it; its meaning is the list's.
struct list_place {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  auto operator<=>(const list_place&) const = default;
};

class cursor_codec {
public:
  /// @param secret of the installation
  explicit cursor_codec(std::string secret) : secret_{std::move(secret)} {}

  [[nodiscard]] std::string encode(list_kind list,
                                   engine::workspace_id workspace,
                                   const list_place& place) const;

  [[nodiscard]] std::optional<list_place> decode(list_kind list,
                                                 engine::workspace_id workspace,
                                                 std::string_view text) const;

private:
  std::string secret_;
};

} // namespace troupe::http
