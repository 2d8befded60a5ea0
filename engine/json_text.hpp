// Values as JSON text. Never prints what JSON cannot say: a number that is
// not finite becomes null.
#pragma once

#include <boost/json/value.hpp>

#include <cstdint>
#include <string>

namespace troupe::engine {

/// Compact JSON in the value's own order of keys. What parse_json accepted
/// grows to at most twice its size (reliability.md J6).
std::string to_json(const boost::json::value& value);
void append_json(std::string& out, const boost::json::value& value);

/// One text for all documents that mean the same: keys sorted by their bytes,
/// one notation per number, no blanks.
std::string canonical_json(const boost::json::value& value);
void append_canonical_json(std::string& out, const boost::json::value& value);

/// XXH3 over the canonical text. Not secret and not collision-proof against
/// an attacker: it tells apart the requests of one honest client.
std::uint64_t fingerprint(const boost::json::value& value);

struct fingerprint_128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  bool operator==(const fingerprint_128&) const = default;
};

/// As fingerprint, wide enough to stand for the value in a large table.
fingerprint_128 wide_fingerprint(const boost::json::value& value);

} // namespace troupe::engine
