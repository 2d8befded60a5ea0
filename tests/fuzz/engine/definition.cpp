// Sequences and schemas as clients write them: compiled, or refused with a
// place that is in what was written; a schema that was compiled judges any
// value, and again the same.
#include "engine/event_pattern.hpp"
#include "engine/json_schema.hpp"
#include "engine/mailbox.hpp"
#include "engine/sequence_definition.hpp"
#include "engine/strict_json.hpp"
#include "tests/fuzz/invariant.hpp"

#include <boost/json/array.hpp>

#include <set>
#include <string>

using namespace troupe::engine;
using troupe::fuzz::demand;

namespace {

void check_refusal(const error& why) {
  demand(!why.name.empty() && !why.message.empty());
  demand(why.pointer.empty() || why.pointer.front() == '/');
}

void check_texts(std::string_view text) {
  const event_pattern pattern{std::string{text}};
  if (pattern.is_well_formed() && pattern.is_exact())
    demand(pattern.matches(text) && text.find('*') == text.npos);
  if (pattern.is_well_formed() && !pattern.is_exact())
    demand(text.back() == '*' && !pattern.matches(""));
  if (const auto address = mail_address(text)) {
    demand(mail_address(*address) == address);
    for (const auto c : *address)
      demand(c > ' ' && c < 0x7f && c != '<' && c != '>');
  }
  if (const auto box = parse_mailbox(text))
    demand(box->name.find_first_of("\r\n") == box->name.npos
           && mail_address(box->address) == box->address);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  const auto text = troupe::fuzz::as_text(data, size);
  check_texts(text);
  const auto read = parse_json(text);
  if (!read)
    return 0;
  static const std::set<std::string> channels{"capture", "email"};
  if (const auto made = parse_sequence(*read, channels); !made)
    check_refusal(made.failure());
  const auto schema = json_schema::compile(*read);
  if (!schema) {
    check_refusal(schema.failure());
    return 0;
  }
  const auto first = schema->check(*read);
  demand(first.size() <= 20);
  demand(schema->check(*read).size() == first.size());
  return 0;
}
