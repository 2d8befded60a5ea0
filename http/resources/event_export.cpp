#include "http/resources/event_export.hpp"

#include "engine/event_document.hpp"
#include "http/query.hpp"
#include "http/resources/event_list.hpp"
#include "http/resources/feed_query.hpp"
#include "http/resources/feed_stream.hpp"
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

status read_parameter(messages::event_follower& into, const api_context& with,
                      const std::string& name, const std::string& value) {
  if (name == "since" || name == "until") {
    const auto at = read_time(name, value);
    if (!at)
      return at.failure();
    (name == "since" ? into.search.since : into.search.until) = *at;
    return engine::success();
  }
  const auto is_read = read_feed_parameter(into, with, name, value);
  if (!is_read)
    return is_read.failure();
  return *is_read
           ? engine::success()
           : status{unknown_parameter(name, "type, since, until and after")};
}

// From the beginning, unless it says after which event.
result<messages::event_follower> read_query(const api_context& with,
                                            const visit& now) {
  const auto query = parse_query(now.what.query());
  if (!query)
    return query.failure();
  messages::event_follower out;
  out.search.contact.workspace = now.who.workspace;
  out.search.with_platform = false; // unless they are asked for by name
  out.after = position{};
  for (const auto& [name, value] : query->all())
    if (auto good = read_parameter(out, with, name, value); !good)
      return good.failure();
  return out;
}

// Writes events up to the newest there was when it began, and then that it is
// whole: a stream that ends without saying so was cut. The feed calls it, and
// the gateway when the newest is found.
class export_writer {
public:
  export_writer(const api_context& with, const caller& who,
                const messages::event_follower& of)
    : stream_{with, who, room_bytes},
      tenant_{with.tenant_of(who.workspace)},
      ids_{with.ids},
      search_{of.search},
      seen_{of.after.value_or(position{})} {}

  /// @returns whether there is more to come
  bool write(const std::vector<engine::turn>& turns) {
    const std::lock_guard lock{mutex_};
    std::string text;
    for (const auto& turn : turns) {
      if (newest_ && turn.stamp.turn > *newest_)
        break;
      if (search_.until && turn.stamp.at >= *search_.until)
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

  /// What the store can leave out by itself.
  [[nodiscard]] const messages::event_search& search() const {
    return search_;
  }

  [[nodiscard]] const feed_stream& stream() const {
    return stream_;
  }

private:
  bool put(std::string text) {
    if (is_over_)
      return false;
    const auto is_whole = newest_ && seen_ >= *newest_;
    if (is_whole)
      text += R"({"exported":)" + std::to_string(count_) + "}\n";
    if (!stream_.write(text) || is_whole)
      end();
    return !is_over_;
  }

  void end() {
    is_over_ = true;
    stream_.end();
  }

  feed_stream stream_;
  const std::string tenant_;
  const std::shared_ptr<const engine::id_text> ids_;
  const messages::event_search search_;
  std::mutex mutex_; // guards what follows
  position seen_;
  std::optional<position> seen_before_;
  std::optional<position> newest_; // nothing: not found yet
  bool is_finding_ = false;
  bool is_over_ = false;
  std::uint64_t count_ = 0;
};

// A search looks at so many turns, and then says where it goes on.
void find_newest(const api_context& with,
                 const std::shared_ptr<export_writer>& writer,
                 position before) {
  auto search = writer->search();
  search.before = before;
  search.limit = 1;
  auto slot = slot_for<messages::events_found>(
    [with, writer](const messages::events_found& found) {
      if (found.failure)
        writer->fail();
      else if (found.turns.empty() && found.has_more)
        find_newest(with, writer, found.next);
      else
        writer->found(found.turns.empty() ? position{}
                                          : found.turns.front().stamp.turn);
    });
  caf::anon_send(with.gateway, atom::find_atom::value, std::move(search),
                 std::move(slot));
}

void export_events(const api_context& with, visit now) {
  auto reader = read_query(with, now);
  if (!reader)
    return now.refuse(reader.failure());
  const auto writer = std::make_shared<export_writer>(with, now.who, *reader);
  const auto find = [with, writer] {
    if (writer->begin_finding())
      find_newest(with, writer, {});
  };
  reader->take = [writer](const std::vector<engine::turn>& turns) {
    return writer->write(turns);
  };
  reader->beat = [writer, find] {
    find();
    return writer->beat();
  };
  reader->has_room = [writer] {
    return writer->stream().has_room();
  };
  answer_with_feed(with, std::move(now), std::move(*reader),
                   writer->stream().taker(), "application/x-ndjson", find);
}

} // namespace

std::vector<api_route> export_routes() {
  return {
    {"GET", "/v1/events/export", messages::scope::events_read, export_events}};
}

} // namespace troupe::http
