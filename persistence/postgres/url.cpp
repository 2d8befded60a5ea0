// What a URL of a database must be before anything is told about it.
#include "persistence/postgres/postgres_store.hpp"

#include <libpq-fe.h>

#include <memory>
#include <optional>
#include <string_view>

namespace troupe::persistence::postgres {

namespace {

struct parsed {
  std::string host;
  std::string port;
  std::string database;
};

// What libpq says of a text that it cannot read has parts of it.
std::optional<parsed> parse(const std::string& url) {
  char* fault = nullptr;
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options{
    PQconninfoParse(url.c_str(), &fault), PQconninfoFree};
  PQfreemem(fault);
  if (!options)
    return std::nullopt;
  parsed out;
  for (const auto* each = options.get(); each->keyword != nullptr; ++each) {
    const std::string_view name{each->keyword};
    auto* into = name == "host"     ? &out.host
                 : name == "port"   ? &out.port
                 : name == "dbname" ? &out.database
                                    : nullptr;
    if (into != nullptr && each->val != nullptr)
      *into = each->val;
  }
  return out;
}

} // namespace

engine::status check_url(const std::string& url) {
  constexpr std::string_view digits = "0123456789,";
  if (!url.starts_with("postgresql://") && !url.starts_with("postgres://"))
    return engine::invalid("setting_invalid",
                           "must begin with postgresql://; leave it out for "
                           "the embedded store");
  const auto found = parse(url);
  // A password with an `@` or `/` in it reads as the end of itself, and the
  // rest as host, port or database, which errors name.
  if (!found || found->host.find('@') != std::string::npos
      || found->database.find('@') != std::string::npos
      || found->port.find_first_not_of(digits) != std::string::npos)
    return engine::invalid("setting_invalid",
                           "must be postgresql://USER:PASSWORD@HOST:PORT/"
                           "DATABASE, with what is not a letter or digit in "
                           "user and password percent-encoded");
  return engine::success();
}

} // namespace troupe::persistence::postgres
