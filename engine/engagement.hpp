// What a contact does in a product, as its state holds it: the session that is
// open, and the checklists it works through.
#pragma once

#include "engine/error.hpp"
#include "engine/time.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe::engine {

struct contact_session {
  std::string id; // empty: there is none
  timestamp started_at{};
  timestamp last_at{}; // of the newest event that kept it open
  timestamp due{};     // of its timer
  std::uint32_t pages = 0;
};

/// Which events keep a session of their contact open.
enum class session_rule : std::uint8_t {
  browser, // a browser's: by a browser's key, with an anonymous_id, page views
  all,
  off,
};

struct session_policy {
  session_rule of = session_rule::browser;
  duration gap = std::chrono::minutes{30}; // without an event: it is over
};

/// {"of": "browser" | "all" | "off", "gap": "30m"}, both optional.
/// @returns `field_invalid` with the place below `pointer`
result<session_policy> parse_sessions(const boost::json::value& from,
                                      const std::string& pointer);

struct checklist_progress {
  std::string checklist;          // its key
  std::vector<std::string> steps; // done, sorted
  bool completed = false;
};

} // namespace troupe::engine
