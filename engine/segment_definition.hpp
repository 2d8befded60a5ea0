// A segment: the contacts for whom a condition holds.
#pragma once

#include "engine/condition.hpp"
#include "engine/error.hpp"
#include "engine/ids.hpp"

#include <boost/json/value.hpp>

#include <cstdint>
#include <string>

namespace troupe::engine {

struct published_segment {
  segment_id id{};
  std::uint32_t version = 0; // another one with each condition
  std::string key;
  std::string name;
  condition rule;
};

/// The condition of a segment: it reads the contact, its events and other
/// segments, so that it changes only when one of them does.
result<condition> compile_segment(const boost::json::value& written,
                                  const std::string& pointer);

} // namespace troupe::engine
