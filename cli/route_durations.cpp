#include "cli/route_durations.hpp"

#include "http/api.hpp"

#include <chrono>

namespace troupe::cli {

namespace {

std::unique_ptr<prometheus::Histogram> fresh() {
  return std::make_unique<prometheus::Histogram>(
    prometheus::Histogram::BucketBoundaries{0.001, 0.0025, 0.005, 0.01, 0.025,
                                            0.05, 0.1, 0.25, 1, 5, 10});
}

} // namespace

route_durations::route_durations() {
  of_.emplace("", fresh());
  for (const auto& each : http::all_routes())
    if (!of_.contains(each.pattern))
      of_.emplace(each.pattern, fresh());
}

void route_durations::note(const http::answered& about) const {
  const auto found = of_.find(about.route);
  if (found == of_.end())
    return;
  const std::chrono::duration<double> took
    = std::chrono::steady_clock::now() - about.began;
  found->second->Observe(took.count());
}

} // namespace troupe::cli
