#include "http/resources/event_export.hpp"

#include "engine/event_document.hpp"
#include "engine/event_pattern.hpp"
#include "engine/system_events.hpp"
#include "http/body_stream.hpp"
#include "http/query.hpp"
#include "http/resources/event_list.hpp"
#include "http/resources/paging.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace troupe::http {

namespace {

using engine::position;
using engine::result;
using engine::status;

constexpr std::size_t room_bytes = std::size_t{256} * 1024;

struct export_query {
  std::vector<engine::event_pattern> types; // any of; empty: all
  bool with_platform = false;
  std::optional<engine::timestamp> since;
  std::optional<engine::timestamp> until;
  position after{};

  [[nodiscard]] bool wants(const engine::turn& of) const {
    const auto& event = *of.event;
    return (with_platform || event.from != engine::door::platform)
           && (!since || of.stamp.at >= *since)
           && (!until || of.stamp.at < *until)
           && (types.empty()
               || std::any_of(types.begin(), types.end(),
                              [&event](const engine::event_pattern& each) {
                                return each.matches(event.type);
                              }));
  }
};

status read_parameter(export_query& into, const api_context& with,
                      engine::workspace_id workspace, const std::string& name,
                      const std::string& value) {
  if (name == "type") {
    for (auto& each : with.names_of(workspace, value))
      into.types.emplace_back(std::move(each));
    into.with_platform = engine::is_reserved_name(value);
  } else if (name == "since" || name == "until") {
    const auto at = read_time(name, value);
    if (!at)
      return at.failure();
    (name == "since" ? into.since : into.until) = *at;
  } else if (name == "after") {
    const auto at = with.ids->parse_position("evt_", workspace, value);
    if (!at || at->ordinal != 0)
      return engine::invalid("event_id_invalid",
                             "give the id of an event that was exported before",
                             parameter_pointer(name));
    into.after = at->turn;
  } else {
    return unknown_parameter(name, "type, since, until and after");
  }
  return engine::success();
}

result<export_query> read_query(const api_context& with, const visit& now) {
  const auto query = parse_query(now.what.query());
  if (!query)
    return query.failure();
  export_query out;
  for (const auto& [name, value] : query->all())
    if (auto good = read_parameter(out, with, now.who.workspace, name, value);
        !good)
      return good.failure();
  return out;
}

// Writes events up to the newest there was when it began, and then that it is
// whole: a stream that ends without saying so was cut.
class export_writer {
public:
  export_writer(const api_context& with, const caller& who, export_query query,
                position newest)
    : stream_{std::make_shared<body_stream>(room_bytes,
                                            [feed = with.feed] {
                                              caf::anon_send(
                                                feed, atom::pull_atom::value);
                                            })},
      tenant_{with.tenant_of(who.workspace)},
      ids_{with.ids},
      query_{std::move(query)},
      newest_{newest} {}
  export_writer(const export_writer&) = delete;
  export_writer& operator=(const export_writer&) = delete;

  ~export_writer() {
    stream_->end();
  }

  /// @returns whether there is more to come
  bool write(const std::vector<engine::turn>& turns) {
    std::string text;
    auto is_last = false;
    for (const auto& turn : turns) {
      if (turn.stamp.turn > newest_)
        break;
      if (query_.wants(turn)) {
        text += engine::portable_event_document(turn, *ids_, tenant_);
        text += '\n';
        ++count_;
      }
      is_last = turn.stamp.turn == newest_;
    }
    is_last = is_last || turns.back().stamp.turn > newest_;
    if (is_last)
      text += last_line();
    return stream_->write(text) && !is_last;
  }

  void write_nothing() {
    stream_->write(last_line());
  }

  [[nodiscard]] const std::shared_ptr<body_stream>& stream() const {
    return stream_;
  }

private:
  [[nodiscard]] std::string last_line() const {
    return R"({"exported":)" + std::to_string(count_) + "}\n";
  }

  const std::shared_ptr<body_stream> stream_;
  const std::string tenant_;
  const std::shared_ptr<const engine::id_text> ids_;
  const export_query query_;
  const position newest_;
  std::uint64_t count_ = 0;
};

response streamed(std::shared_ptr<body_stream> taker) {
  response out;
  out.content_type = "application/x-ndjson";
  out.headers = {{"Cache-Control", "no-cache"}, {"X-Accel-Buffering", "no"}};
  out.stream = std::move(taker);
  return out;
}

void follow(const api_context& with, const caller& who, export_query query,
            position newest, const pending_answer& answer) {
  messages::event_follower reader;
  reader.search.contact.workspace = who.workspace;
  reader.after = query.after;
  const auto writer
    = std::make_shared<export_writer>(with, who, std::move(query), newest);
  auto taker = taker_of(writer->stream());
  if (newest <= *reader.after) {
    writer->write_nothing();
    return answer.respond(streamed(std::move(taker)));
  }
  reader.take = [writer](const std::vector<engine::turn>& turns) {
    return writer->write(turns);
  };
  reader.beat = [writer] {
    return writer->stream()->write("");
  };
  reader.has_room = [writer] {
    return writer->stream()->has_room();
  };
  auto slot = slot_for<messages::followed>(
    [answer, taker = std::move(taker)](const messages::followed& done) mutable {
      if (done.failure)
        answer.refuse(*done.failure);
      else
        answer.respond(streamed(std::move(taker)));
    });
  caf::anon_send(with.feed, atom::follow_atom::value, std::move(reader),
                 std::move(slot));
}

// A search looks at so many turns, and then says where it goes on.
void find_newest(const api_context& with, const caller& who, export_query query,
                 position before, const pending_answer& answer) {
  messages::event_search search;
  search.contact.workspace = who.workspace;
  search.before = before;
  search.limit = 1;
  auto slot = slot_for<messages::events_found>(
    [with, who, query = std::move(query),
     answer](const messages::events_found& found) mutable {
      if (found.failure)
        answer.refuse(*found.failure);
      else if (found.turns.empty() && found.has_more)
        find_newest(with, who, std::move(query), found.next, answer);
      else
        follow(with, who, std::move(query),
               found.turns.empty() ? position{}
                                   : found.turns.front().stamp.turn,
               answer);
    });
  caf::anon_send(with.gateway, atom::find_atom::value, std::move(search),
                 std::move(slot));
}

void export_events(const api_context& with, visit now) {
  auto query = read_query(with, now);
  if (!query)
    return now.refuse(query.failure());
  const auto who = now.who;
  find_newest(with, who, std::move(*query), {}, pending_answer{std::move(now)});
}

} // namespace

std::vector<api_route> export_routes() {
  return {
    {"GET", "/v1/events/export", messages::scope::events_read, export_events}};
}

} // namespace troupe::http
