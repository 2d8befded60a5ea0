// How long answers take, by route.
#pragma once

#include "http/answered.hpp"

#include <prometheus/histogram.h>

#include <memory>
#include <string_view>
#include <unordered_map>

namespace troupe::cli {

class route_durations {
public:
  route_durations();

  /// Any thread.
  void note(const http::answered& about) const;

  /// @param show takes a pattern, "" for what is no route, and its histogram
  template <class Show>
  void each(Show show) const {
    for (const auto& [route, histogram] : of_)
      show(route, *histogram);
  }

private:
  // Filled once: notes are made without a lock of ours.
  std::unordered_map<std::string_view, std::unique_ptr<prometheus::Histogram>>
    of_;
};

} // namespace troupe::cli
