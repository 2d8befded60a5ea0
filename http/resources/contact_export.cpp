#include "http/resources/contact_export.hpp"

#include "engine/json_text.hpp"
#include "engine/name_search.hpp"
#include "http/body_stream.hpp"
#include "http/resources/contact_reference.hpp"
#include "http/resources/export_lines.hpp"
#include "messages/rejected.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <mutex>
#include <utility>

namespace troupe::http {

namespace {

using messages::contact_shown;
using messages::delivery_shown;
using messages::rejected_found;

constexpr std::size_t room_bytes = std::size_t{256} * 1024;
constexpr std::size_t turns_at_once = 20;
constexpr std::size_t rejected_at_once = 100;

// Writes one line after the other and asks for the next page when there is room
// for it: one question is under way at a time, so that no more than a page is
// held. Called by the gateway, and by the session when the client has taken
// all.
class contact_exporter : public std::enable_shared_from_this<contact_exporter> {
public:
  contact_exporter(const api_context& with, visit now,
                   messages::contact_reference of)
    : with_{with},
      tenant_{with.tenant_of(of.workspace)},
      answer_{std::move(now)},
      asked_{std::move(of)} {}

  void begin() {
    messages::timeline_search what;
    what.contact = asked_;
    what.runs_only = true;
    ask<contact_shown>(atom::show_atom::value, std::move(what),
                       &contact_exporter::show_contact);
  }

private:
  template <class Answer, class Atom, class Question>
  void ask(Atom verb, Question question,
           void (contact_exporter::*then)(Answer&)) {
    auto slot = slot_for<Answer>([self = shared_from_this(), then](Answer got) {
      const std::lock_guard lock{self->mutex_};
      (self.get()->*then)(got);
    });
    caf::anon_send(with_.gateway, verb, std::move(question), std::move(slot));
  }

  // The contact and its runs: a client that asks for nobody hears so.
  void show_contact(contact_shown& shown) {
    if (shown.failure)
      return answer_.refuse(*shown.failure);
    catalog_ = with_.catalog->get();
    names_ = persons_names(shown.state);
    asked_.id = shown.merged_into == engine::contact_id{} ? shown.state.id
                                                          : shown.merged_into;
    asked_.who.reset();
    stream_
      = std::make_shared<body_stream>(room_bytes, [self = weak_from_this()] {
          if (const auto it = self.lock())
            it->go_on();
        });
    response streamed;
    streamed.content_type = "application/x-ndjson";
    streamed.headers
      = {{"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}};
    // It lives as long as somebody takes from it.
    streamed.stream
      = {stream_.get(), [self = shared_from_this()](body_stream* all) {
           all->close();
         }};
    const view_context about{*with_.ids,
                             catalog_->workspaces.at(asked_.workspace)};
    for (auto& line : lines_of(shown, about))
      write(std::move(line));
    for (auto& run : runs_view(shown, about)) {
      boost::json::object line{{"kind", "run"}};
      for (auto& member : run.as_object())
        line[member.key()] = std::move(member.value());
      write(std::move(line));
    }
    answer_.respond(std::move(streamed));
    next_page();
  }

  static std::vector<std::string>
  persons_names(const engine::contact_state& of) {
    std::vector<std::string> out;
    for (const auto& who : *of.identities)
      for (const auto* text : {&who.key, &who.value})
        out.push_back(*text);
    return out;
  }

  // When the client has taken what was written.
  void go_on() {
    const std::lock_guard lock{mutex_};
    if (auto step = std::exchange(waiting_, nullptr))
      (this->*step)();
  }

  void when_there_is_room(void (contact_exporter::*step)()) {
    if (is_cut_)
      return; // nobody takes it any more
    waiting_ = step;
    if (stream_->has_room())
      (this->*std::exchange(waiting_, nullptr))();
  }

  void next_page() {
    when_there_is_room(&contact_exporter::ask_turns);
  }

  void ask_turns() {
    messages::timeline_search what;
    what.contact = asked_;
    what.before = before_;
    what.limit = turns_at_once;
    ask<contact_shown>(atom::show_atom::value, std::move(what),
                       &contact_exporter::take_turns);
  }

  void take_turns(contact_shown& shown) {
    if (shown.failure)
      return end(); // cut: the client asks again
    has_more_ = shown.has_more;
    turns_ = std::move(shown.turns);
    std::reverse(turns_.begin(), turns_.end()); // the next one last
    next_turn();
  }

  void next_turn() {
    if (turns_.empty()) {
      if (has_more_)
        return next_page();
      return when_there_is_room(&contact_exporter::ask_rejected);
    }
    const auto turn = std::move(turns_.back());
    turns_.pop_back();
    before_ = turn.stamp.turn;
    const view_context about{*with_.ids,
                             catalog_->workspaces.at(asked_.workspace)};
    write(line_of(turn, about, tenant_));
    deliveries_ = deliveries_in(turn);
    std::reverse(deliveries_.begin(), deliveries_.end());
    next_delivery();
  }

  void next_delivery() {
    if (deliveries_.empty())
      return when_there_is_room(&contact_exporter::next_turn);
    when_there_is_room(&contact_exporter::ask_delivery);
  }

  void ask_delivery() {
    const messages::delivery_reference one{asked_.workspace, deliveries_.back(),
                                           true};
    deliveries_.pop_back();
    ask<delivery_shown>(atom::show_atom::value, one,
                        &contact_exporter::take_delivery);
  }

  void take_delivery(delivery_shown& shown) {
    if (shown.failure && shown.failure->code != engine::errc::not_found)
      return end();
    if (!shown.failure)
      write(line_of(shown, *with_.ids));
    next_delivery();
  }

  void ask_rejected() {
    messages::rejected_search search;
    search.workspace = asked_.workspace;
    search.before = rejected_before_;
    search.limit = rejected_at_once;
    ask<rejected_found>(atom::find_atom::value, std::move(search),
                        &contact_exporter::take_rejected);
  }

  void take_rejected(rejected_found& found) {
    if (found.failure)
      return end();
    const engine::name_search search{names_};
    for (const auto& row : found.rows)
      if (search.is_in_text(row.type) || search.is_in_text(row.message)
          || search.is_in_body(row.body))
        write(line_of(row));
    if (found.has_more) {
      rejected_before_ = found.rows.back().number;
      return when_there_is_room(&contact_exporter::ask_rejected);
    }
    boost::json::object last{{"kind", "end"}, {"lines", lines_}};
    write(std::move(last));
    end();
  }

  void write(boost::json::object line) {
    ++lines_;
    is_cut_ = !stream_->write(engine::to_json(line) + '\n');
  }

  void end() {
    stream_->end();
  }

  const api_context with_;
  const std::string tenant_;
  const pending_answer answer_;
  std::mutex mutex_; // guards what follows
  messages::contact_reference asked_;
  std::shared_ptr<const messages::catalog> catalog_;
  std::vector<std::string> names_; // of the person
  std::shared_ptr<body_stream> stream_;
  void (contact_exporter::*waiting_)() = nullptr;
  engine::position before_{};
  bool has_more_ = false;
  bool is_cut_ = false;
  std::vector<engine::turn> turns_;
  std::vector<engine::delivery_name> deliveries_;
  std::uint64_t rejected_before_ = 0;
  std::uint64_t lines_ = 0;
};

void export_contact(const api_context& with, visit now) {
  auto reference
    = read_reference(now.route.parameter("ref"), now.who.workspace, *with.ids);
  if (!reference)
    return now.refuse(reference.failure());
  std::make_shared<contact_exporter>(with, std::move(now),
                                     std::move(*reference))
    ->begin();
}

} // namespace

std::vector<api_route> contact_export_routes() {
  return {{"GET", "/v1/contacts/{ref}/export", messages::scope::manage,
           export_contact}};
}

} // namespace troupe::http
