// Opens the store in a PostgreSQL database.
#pragma once

#include "persistence/store.hpp"

#include <memory>
#include <string>
#include <vector>

namespace troupe::persistence::postgres {

/// Opens the store, or makes it in a database that is empty. Fails when another
/// process writes there, and where a setting of the server would let it lose
/// what it has confirmed (reliability.md 1.7).
/// @param url "postgresql://…", or "key=value …" as libpq takes it
engine::result<std::unique_ptr<store>> open_store(const std::string& url,
                                                  timestamp now);

/// What is wrong with a URL, in words that repeat nothing of it: it may have a
/// password, and one that is not percent-encoded ends up in any of its parts.
engine::status check_url(const std::string& url);

/// What to print at start: the server's version, and what should be otherwise.
struct server_facts {
  std::string version; // "15.18"
  std::vector<std::string> warnings;
};

/// Fails where open_store() would for the server's sake.
engine::result<server_facts> describe_server(const std::string& url);

} // namespace troupe::persistence::postgres
