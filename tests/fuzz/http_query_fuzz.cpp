// Accepted queries hold bounded UTF-8 without controls, no name twice, and read
// the same again when written out.
#include "http/percent.hpp"
#include "http/query.hpp"
#include "tests/fuzz/invariant.hpp"

#include <set>
#include <string>

using namespace troupe::http;
using troupe::fuzz::demand;

namespace {

std::string encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const auto c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte / 16];
    out += digits[byte % 16];
  }
  return out;
}

bool is_plain(std::string_view text) {
  for (const auto c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      return false;
  return is_utf8(text);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const query_limits limits;
  const auto parsed = parse_query(troupe::fuzz::as_text(data, size), limits);
  if (!parsed) {
    demand(!parsed.failure().name.empty());
    demand(parsed.failure().message.size() < 1024);
    return 0;
  }
  std::set<std::string_view> names;
  std::string again;
  demand(parsed->all().size() <= limits.parameters);
  for (const auto& [name, value] : parsed->all()) {
    demand(names.insert(name).second);
    demand(!name.empty() && name.size() <= limits.name_bytes);
    demand(value.size() <= limits.value_bytes);
    demand(is_plain(name) && is_plain(value));
    demand(name.find_first_of("[]") == name.npos);
    demand(parsed->find(name) == value);
    again += encoded(name) + "=" + encoded(value) + "&";
  }
  const auto same = parse_query(again, limits);
  demand(same.has_value() && same->all() == parsed->all());
  return 0;
}
