// A body of POST /v1/events (and of Sendmator's door) is refused with a code,
// or becomes an event whose properties are valid JSON that says the same again,
// within their bound.
#include "engine/json_text.hpp"
#include "http/doors/native/event_body.hpp"
#include "http/doors/sendmator/send_body.hpp"
#include "tests/fuzz/invariant.hpp"

#include <chrono>
#include <string>

using namespace troupe;
using fuzz::demand;

namespace {

void check(const messages::ingest& command, const std::string& sent) {
  const auto& event = command.event;
  demand(event.record.body == sent);
  demand(!event.record.type.empty()
         && event.record.type.size() <= http::native::type_bytes_max);
  demand(event.record.type.front() != '$');
  demand(command.by_id || !event.identities.empty());
  demand(event.key.has_value());
  const auto shown = engine::to_json(event.properties);
  demand(shown.size() <= 2 * http::native::metadata_bytes_max);
  const auto from_bytes = engine::parse_json(event.record.properties_text());
  const auto from_shown = engine::parse_json(shown);
  demand(from_bytes.has_value() && from_shown.has_value());
  const auto canonical = engine::canonical_json(event.properties);
  demand(engine::canonical_json(*from_bytes) == canonical);
  demand(engine::canonical_json(*from_shown) == canonical);
}

// Of Sendmator's door: what is taken has a name, and properties and variables
// within their bounds.
void check_sendmator(const std::string& sent) {
  const engine::timestamp now{std::chrono::hours{500'000}};
  const auto read = http::sendmator::read_event(sent, now);
  if (!read) {
    demand(!read.failure().name.empty() && !read.failure().message.empty());
    return;
  }
  const auto& event = read->event;
  demand(!event.record.type.empty());
  demand(!read->at || *read->at > now);
  demand(engine::to_json(event.variables).size() <= 16 * 1024);
  const auto from_bytes = engine::parse_json(event.record.properties_text());
  demand(from_bytes.has_value()
         && engine::canonical_json(*from_bytes)
              == engine::canonical_json(event.properties));
  const auto context = event.record.context_text();
  demand(context.empty() || context.front() == '{');
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  static engine::json_reader reader;
  static const engine::id_text ids{7};
  const std::string sent{fuzz::as_text(data, size)};
  check_sendmator(sent);
  const auto read = http::native::read_event(
    sent, "key", engine::workspace_id{1}, ids, reader);
  if (read) {
    check(read->command, sent);
    // The same bytes are the same request.
    const auto again = http::native::read_event(
      sent, "key", engine::workspace_id{1}, ids, reader);
    demand(again.has_value()
           && again->command.event.key->fingerprint
                == read->command.event.key->fingerprint);
    return 0;
  }
  const auto& why = read.failure();
  demand(!why.name.empty() && !why.message.empty());
  demand(why.message.size() < 1024);
  demand(why.pointer.empty() || why.pointer.front() == '/');
  demand(engine::parse_json(engine::to_json(boost::json::value{
                              boost::json::string_view{why.pointer}}))
           .has_value());
  return 0;
}
