#include "http/resources/event_stream.hpp"

#include "engine/event_document.hpp"
#include "http/query.hpp"
#include "http/resources/event_list.hpp"
#include "http/resources/feed_query.hpp"
#include "http/resources/feed_stream.hpp"
#include "http/resources/paging.hpp"

namespace troupe::http {

namespace {

using engine::result;
using engine::status;

constexpr std::size_t room_bytes = 64 * 1024;
// How long a browser waits before it asks again, and a first sign of life.
constexpr std::string_view opening = "retry: 2000\n\n";
constexpr std::string_view heartbeat = ":\n\n";

status read_parameter(messages::event_follower& who, const api_context& with,
                      const std::string& name, const std::string& value) {
  if (name.starts_with("contact."))
    return read_contact(who.search, name, value, *with.ids);
  const auto is_read = read_feed_parameter(who, with, name, value);
  if (!is_read)
    return is_read.failure();
  return *is_read
           ? engine::success()
           : status{unknown_parameter(name,
                                      "contact[external_id], contact[email], "
                                      "contact[id], type and after")};
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
    if (auto good = read_parameter(who, with, name, value); !good)
      return good.failure();
  // What a browser sends when it comes back, to the address of the first time.
  const auto last = now.what.header("Last-Event-ID");
  if (last && !last->empty()) {
    const auto at = read_place(with, now.who.workspace, *last, "");
    if (!at)
      return at.failure();
    who.after = *at;
  }
  return who;
}

// Appends one message; every line of the data has its field (HTML 9.2.5).
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

// The feed's side of a stream. When the feed lets go of it, whatever for, the
// stream ends, and the client asks again.
class message_writer {
public:
  message_writer(const api_context& with, const caller& who)
    : stream_{with, who, room_bytes},
      tenant_{with.tenant_of(who.workspace)},
      ids_{with.ids} {
    stream_.write(opening);
  }

  bool write(const std::vector<engine::turn>& turns) {
    std::string text;
    for (const auto& turn : turns)
      append_message(text, engine::event_id(turn, *ids_),
                     engine::linted_event_document(turn, *ids_, tenant_));
    return stream_.write(text);
  }

  bool beat() {
    return stream_.write(heartbeat);
  }

  [[nodiscard]] const feed_stream& stream() const {
    return stream_;
  }

private:
  feed_stream stream_;
  const std::string tenant_;
  const std::shared_ptr<const engine::id_text> ids_;
};

void follow_events(const api_context& with, visit now) {
  auto who = read_follower(with, now);
  if (!who)
    return now.refuse(who.failure());
  const auto writer = std::make_shared<message_writer>(with, now.who);
  who->take = [writer](const std::vector<engine::turn>& turns) {
    return writer->write(turns);
  };
  who->beat = [writer] {
    return writer->beat();
  };
  who->has_room = [writer] {
    return writer->stream().has_room();
  };
  answer_with_feed(with, std::move(now), std::move(*who),
                   writer->stream().taker(), "text/event-stream", [] {});
}

} // namespace

std::vector<api_route> event_stream_routes() {
  return {
    {"GET", "/v1/events/stream", messages::scope::events_read, follow_events}};
}

} // namespace troupe::http
