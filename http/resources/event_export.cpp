#include "http/resources/event_export.hpp"

#include "engine/event_document.hpp"
#include "engine/system_events.hpp"
#include "http/body_stream.hpp"
#include "http/query.hpp"
#include "http/resources/event_list.hpp"
#include "http/resources/paging.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <mutex>

namespace troupe::http {

namespace {

using engine::position;
using engine::result;
using engine::status;

constexpr std::size_t room_bytes = std::size_t{256} * 1024;

struct export_query {
  std::vector<std::string> types; // any of; empty: all
  bool with_platform = false;
  std::optional<engine::timestamp> since;
  std::optional<engine::timestamp> until;
  position after{};

  /// What the store can leave out by itself.
  [[nodiscard]] messages::event_search
  search(engine::workspace_id workspace) const {
    messages::event_search out;
    out.contact.workspace = workspace;
    out.types = types;
    out.with_platform = with_platform;
    out.since = since;
    out.until = until;
    return out;
  }
};

status read_parameter(export_query& into, const api_context& with,
                      engine::workspace_id workspace, const std::string& name,
                      const std::string& value) {
  if (name == "type") {
    into.types = with.names_of(workspace, value);
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
// whole: a stream that ends without saying so was cut. The feed calls it, and
// the gateway when the newest is found.
class export_writer {
public:
  export_writer(const api_context& with, const caller& who, export_query query)
    : stream_{std::make_shared<body_stream>(room_bytes,
                                            [feed = with.feed] {
                                              caf::anon_send(
                                                feed, atom::pull_atom::value);
                                            })},
      tenant_{with.tenant_of(who.workspace)},
      key_{who.key},
      ids_{with.ids},
      catalog_{with.catalog},
      query_{std::move(query)},
      seen_{query_.after} {}
  export_writer(const export_writer&) = delete;
  export_writer& operator=(const export_writer&) = delete;

  ~export_writer() {
    stream_->end();
  }

  /// @returns whether there is more to come
  bool write(const std::vector<engine::turn>& turns) {
    const std::lock_guard lock{mutex_};
    std::string text;
    for (const auto& turn : turns) {
      if (newest_ && turn.stamp.turn > *newest_)
        break;
      if (query_.until && turn.stamp.at >= *query_.until)
        continue;
      text += engine::portable_event_document(turn, *ids_, tenant_);
      text += '\n';
      ++count_;
    }
    seen_ = turns.back().stamp.turn;
    return put(std::move(text));
  }

  /// A blank line: of a large store a few events are long to find.
  bool beat() {
    const std::lock_guard lock{mutex_};
    return put("\n");
  }

  /// Whether it is to be found: also once more, when nothing comes, for the
  /// newest may have been erased meanwhile.
  bool begin_finding() {
    const std::lock_guard lock{mutex_};
    const auto is_quiet = seen_ == seen_before_;
    seen_before_ = seen_;
    if (is_finding_ || is_over_ || (newest_ && !is_quiet))
      return false;
    is_finding_ = true;
    return true;
  }

  void found(position newest) {
    const std::lock_guard lock{mutex_};
    is_finding_ = false;
    newest_ = newest_ ? std::min(*newest_, newest) : newest;
    put({});
  }

  /// It is not known where it ends: cut, the client asks again.
  void fail() {
    const std::lock_guard lock{mutex_};
    end();
  }

  [[nodiscard]] const export_query& query() const {
    return query_;
  }

  [[nodiscard]] const std::shared_ptr<body_stream>& stream() const {
    return stream_;
  }

private:
  bool put(std::string text) {
    if (is_over_)
      return false;
    const auto is_whole = newest_ && seen_ >= *newest_;
    if (is_whole)
      text += R"({"exported":)" + std::to_string(count_) + "}\n";
    if (!is_allowed() || !stream_->write(text) || is_whole)
      end();
    return !is_over_;
  }

  void end() {
    is_over_ = true;
    stream_->end();
  }

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
  const export_query query_;
  std::mutex mutex_; // guards what follows
  position seen_;
  std::optional<position> seen_before_;
  std::optional<position> newest_; // nothing: not found yet
  bool is_finding_ = false;
  bool is_over_ = false;
  std::uint64_t count_ = 0;
};

response streamed(std::shared_ptr<body_stream> taker) {
  response out;
  out.content_type = "application/x-ndjson";
  out.headers = {{"Cache-Control", "no-cache"}, {"X-Accel-Buffering", "no"}};
  out.stream = std::move(taker);
  return out;
}

// A search looks at so many turns, and then says where it goes on.
void find_newest(const api_context& with, const caller& who,
                 const std::shared_ptr<export_writer>& writer,
                 position before) {
  auto search = writer->query().search(who.workspace);
  search.before = before;
  search.limit = 1;
  auto slot = slot_for<messages::events_found>(
    [with, who, writer](const messages::events_found& found) {
      if (found.failure)
        writer->fail();
      else if (found.turns.empty() && found.has_more)
        find_newest(with, who, writer, found.next);
      else
        writer->found(found.turns.empty() ? position{}
                                          : found.turns.front().stamp.turn);
    });
  caf::anon_send(with.gateway, atom::find_atom::value, std::move(search),
                 std::move(slot));
}

void export_events(const api_context& with, visit now) {
  auto query = read_query(with, now);
  if (!query)
    return now.refuse(query.failure());
  const auto who = now.who;
  messages::event_follower reader;
  reader.search = query->search(who.workspace);
  reader.after = query->after;
  const auto writer
    = std::make_shared<export_writer>(with, who, std::move(*query));
  const auto find = [with, who, writer] {
    if (writer->begin_finding())
      find_newest(with, who, writer, {});
  };
  reader.take = [writer](const std::vector<engine::turn>& turns) {
    return writer->write(turns);
  };
  reader.beat = [writer, find] {
    find();
    return writer->beat();
  };
  reader.has_room = [writer] {
    return writer->stream()->has_room();
  };
  auto slot
    = slot_for<messages::followed>([answer = pending_answer{std::move(now)},
                                    find, taker = taker_of(writer->stream())](
                                     const messages::followed& done) mutable {
        if (done.failure)
          return answer.refuse(*done.failure);
        find();
        answer.respond(streamed(std::move(taker)));
      });
  caf::anon_send(with.feed, atom::follow_atom::value, std::move(reader),
                 std::move(slot));
}

} // namespace

std::vector<api_route> export_routes() {
  return {
    {"GET", "/v1/events/export", messages::scope::events_read, export_events}};
}

} // namespace troupe::http
