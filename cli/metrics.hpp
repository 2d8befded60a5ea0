// The page for Prometheus: the names are documented in docs/metrics.md. Labels
// come from fixed sets and never hold a contact, a key or a workspace (L2, U8).
#pragma once

#include "actors/counters.hpp"
#include "cli/route_durations.hpp"
#include "http/counters.hpp"
#include "http/rejection_counts.hpp"

#include <string>

namespace troupe::cli {

struct metrics_sources {
  const http::http_counters& http;
  const http::rejection_counts& rejected;
  const route_durations& durations;
  const actors::actor_counters& actors;
  const std::string& data_directory; // empty: the store is elsewhere
};

std::string metrics_text(const metrics_sources& from);

} // namespace troupe::cli
