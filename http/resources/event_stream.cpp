#include "http/resources/event_stream.hpp"

#include "engine/event_document.hpp"
#include "engine/system_events.hpp"
#include "http/body_stream.hpp"
#include "http/query.hpp"
#include "http/resources/event_list.hpp"
#include "http/resources/paging.hpp"

#include <caf/send.hpp>

namespace troupe::http {

namespace {

using engine::invalid;
using engine::result;
using engine::status;

// What a page of events may still be added to.
constexpr std::size_t room_bytes = 64 * 1024;
// How long a browser waits before it asks again, and a first sign of life.
constexpr std::string_view opening = "retry: 2000\n\n";
constexpr std::string_view heartbeat = ":\n\n";

result<engine::position> place_of(const api_context& with, const visit& now,
                                  std::string_view id,
                                  const std::string& pointer) {
  const auto at = with.ids->parse_position("evt_", now.who.workspace, id);
  if (!at || at->ordinal != 0)
    return invalid("event_id_invalid",
                   "give the id of an event that the stream sent before",
                   pointer);
  return at->turn;
}

status read_parameter(messages::event_follower& who, const api_context& with,
                      const visit& now, const std::string& name,
                      const std::string& value) {
  if (name.starts_with("contact."))
    return read_contact(who.search, name, value, *with.ids);
  if (name == "type") {
    who.search.types = with.names_of(now.who.workspace, value);
    who.search.with_platform = engine::is_reserved_name(value);
    return engine::success();
  }
  if (name != "after")
    return unknown_parameter(
      name, "contact[external_id], contact[email], contact[id], type and "
            "after");
  const auto at = place_of(with, now, value, "/after");
  if (!at)
    return at.failure();
  who.after = *at;
  return engine::success();
}

result<messages::event_follower> read_follower(const api_context& with,
                                               const visit& now) {
  const auto query = parse_query(now.what.query());
  if (!query)
    return query.failure();
  messages::event_follower who;
  who.search.contact.workspace = now.who.workspace;
  who.search.since = with.now_in(now.who.workspace) - events_shown;
  who.search.with_platform = false; // unless they are asked for by name
  for (const auto& [name, value] : query->all())
    if (auto good = read_parameter(who, with, now, name, value); !good)
      return good.failure();
  // What a browser sends when it comes back, to the address of the first time.
  const auto last = now.what.header("Last-Event-ID");
  if (last && !last->empty()) {
    const auto at = place_of(with, now, *last, "");
    if (!at)
      return at.failure();
    who.after = *at;
  }
  return who;
}

// The feed's side of a stream. When the feed lets go of it, whatever for, the
// stream ends, and the client asks again.
class event_writer {
public:
  event_writer(const api_context& with, const caller& who)
    : stream_{std::make_shared<body_stream>(room_bytes,
                                            [feed = with.feed] {
                                              caf::anon_send(
                                                feed, atom::pull_atom::value);
                                            })},
      tenant_{with.tenant_of(who.workspace)},
      key_{who.key},
      ids_{with.ids},
      catalog_{with.catalog} {
    stream_->write(opening);
  }
  event_writer(const event_writer&) = delete;
  event_writer& operator=(const event_writer&) = delete;

  ~event_writer() {
    stream_->end();
  }

  bool write(const std::vector<engine::turn>& turns) {
    std::string text;
    for (const auto& turn : turns)
      append_message(text, engine::event_id(turn, *ids_),
                     engine::linted_event_document(turn, *ids_, tenant_));
    return is_allowed() && stream_->write(text);
  }

  bool beat() {
    return is_allowed() && stream_->write(heartbeat);
  }

  [[nodiscard]] const std::shared_ptr<body_stream>& stream() const {
    return stream_;
  }

private:
  // A key that was revoked meanwhile sees no more.
  [[nodiscard]] bool is_allowed() const {
    const auto known = catalog_->get();
    const auto* key = messages::key_numbered(*known, key_);
    return key != nullptr && !key->revoked;
  }

  const std::shared_ptr<body_stream> stream_;
  const std::string tenant_;
  const std::uint32_t key_;
  const std::shared_ptr<const engine::id_text> ids_;
  const std::shared_ptr<const messages::published_catalog> catalog_;
};

void follow_events(const api_context& with, visit now) {
  auto who = read_follower(with, now);
  if (!who)
    return now.refuse(who.failure());
  const auto writer = std::make_shared<event_writer>(with, now.who);
  who->take = [writer](const std::vector<engine::turn>& turns) {
    return writer->write(turns);
  };
  who->beat = [writer] {
    return writer->beat();
  };
  who->has_room = [writer] {
    return writer->stream()->has_room();
  };
  auto slot
    = slot_for<messages::followed>([answer = pending_answer{std::move(now)},
                                    taker = taker_of(writer->stream())](
                                     const messages::followed& done) mutable {
        if (done.failure)
          return answer.refuse(*done.failure);
        response streamed;
        streamed.content_type = "text/event-stream";
        streamed.headers
          = {{"Cache-Control", "no-cache"}, {"X-Accel-Buffering", "no"}};
        streamed.stream = std::move(taker);
        answer.respond(std::move(streamed));
      });
  caf::anon_send(with.feed, atom::follow_atom::value, std::move(*who),
                 std::move(slot));
}

} // namespace

void append_message(std::string& out, std::string_view id,
                    std::string_view data) {
  out += "id: ";
  out += id;
  out += '\n';
  while (!data.empty()) {
    const auto end = data.find_first_of("\r\n");
    out += "data: ";
    out += data.substr(0, end);
    out += '\n';
    if (end == data.npos)
      break;
    data.remove_prefix(end);
    data.remove_prefix(data.starts_with("\r\n") ? 2 : 1);
  }
  out += '\n';
}

std::vector<api_route> event_stream_routes() {
  return {
    {"GET", "/v1/events/stream", messages::scope::events_read, follow_events}};
}

} // namespace troupe::http
