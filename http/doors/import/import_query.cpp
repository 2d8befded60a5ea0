#include "http/doors/import/import_query.hpp"

#include "http/idempotency_key.hpp"
#include "http/query.hpp"
#include "http/resources/paging.hpp"

#include <charconv>

namespace troupe::http {

namespace {

using engine::invalid;
using engine::result;
using engine::status;

constexpr std::size_t source_bytes_max = 100;
constexpr std::uint64_t line_number_max = 1'000'000'000'000;

engine::error wrong(const std::string& name, std::string what) {
  return invalid("query_parameter_invalid", std::move(what),
                 parameter_pointer(name));
}

result<bool> read_flag(const std::string& name, std::string_view value) {
  if (value == "true" || value == "false")
    return value == "true";
  return wrong(name, "`" + name + "` is true or false");
}

result<std::uint64_t> read_line_number(const std::string& name,
                                       const std::string& value) {
  std::uint64_t number = 0;
  const auto* end = value.data() + value.size();
  const auto read = std::from_chars(value.data(), end, number);
  if (read.ec != std::errc{} || read.ptr != end || number == 0
      || number > line_number_max)
    return wrong(name, "`first_line` is a whole number from 1");
  return number;
}

status read_parameter(import_query& into, const std::string& name,
                      const std::string& value) {
  if (name == "start" || name == "dry_run") {
    const auto flag = read_flag(name, value);
    if (!flag)
      return flag.failure();
    (name == "start" ? into.starts : into.dry_run) = *flag;
  } else if (name == "format") {
    into.format = find_import_format(value);
    if (into.format == nullptr)
      return wrong(name, "`format` is native, segment, posthog, amplitude or "
                         "customerio");
  } else if (name == "source") {
    if (!is_idempotency_key(value) || value.size() > source_bytes_max)
      return wrong(name, "`source` is a text of at most 100 bytes");
    into.source = value;
  } else if (name == "first_line") {
    const auto number = read_line_number(name, value);
    if (!number)
      return number.failure();
    into.first_line = *number;
  } else {
    return unknown_parameter(name,
                             "format, start, dry_run, source and first_line");
  }
  return engine::success();
}

} // namespace

result<import_query> read_import_query(std::string_view query) {
  const auto given = parse_query(query);
  if (!given)
    return given.failure();
  import_query out;
  for (const auto& [name, value] : given->all())
    if (auto good = read_parameter(out, name, value); !good)
      return good.failure();
  return out;
}

} // namespace troupe::http
