#include "http/doors/rejections.hpp"

#include "engine/json_slice.hpp"
#include "engine/unicode.hpp"
#include "http/doors/door_event.hpp"
#include "http/rejection_counts.hpp"
#include "messages/try_again.hpp"
#include "messages/type_ids.hpp"

#include <caf/send.hpp>

namespace troupe::http {

namespace {

constexpr std::size_t body_bytes_max = 4096;
constexpr std::size_t name_bytes_max = 256;

// What the doors call the name of an event.
std::string_view name_in(std::string_view body) {
  const auto members = engine::members_of(body);
  if (!members)
    return {};
  for (const auto& [name, value] : *members)
    if ((name == "event" || name == "type" || name == "name"
         || name == "eventName" || name == "event_name" || name == "event_type")
        && value.starts_with('"') && name != "type")
      return value.substr(1, value.size() - 2);
  return {};
}

} // namespace

rejections::rejections(const visit& now, engine::timestamp at,
                       std::shared_ptr<rejection_counts> counts)
  : counts_{std::move(counts)} {
  of_request_.workspace = now.who.workspace;
  of_request_.at = at;
  if (now.what.speaks != nullptr)
    of_request_.from = now.what.speaks->of;
  of_request_.request_id = now.what.id.view();
}

void rejections::add(const engine::error& why, std::string_view body) {
  auto row = of_request_;
  row.code = why.name;
  row.message = why.message;
  row.pointer = why.pointer;
  row.type = engine::readable(name_in(body), name_bytes_max);
  // What is not taken because it was erased is not kept that way either.
  if (why.name != "contact_erased")
    row.body = engine::readable(body, body_bytes_max);
  if (counts_)
    counts_->add(row.from, row.code);
  kept_.rows.push_back(std::move(row));
}

void rejections::keep(const messages::gateway_actor& gateway,
                      std::function<void(std::optional<engine::error>)> then) {
  if (kept_.rows.empty())
    return then(std::nullopt);
  auto slot = slot_for<messages::status_answer>(
    [then = std::move(then)](messages::status_answer done) {
      then(std::move(done.failure));
    });
  caf::anon_send(gateway, atom::store_atom::value, std::move(kept_),
                 std::move(slot));
}

engine::result<messages::ingest_parcel>
in_parcel(engine::result<messages::ingest> command) {
  if (!command)
    return command.failure();
  return messages::ingest_parcel{std::move(*command)};
}

namespace {

engine::error at_place(engine::error why, const std::string& place,
                       std::size_t index) {
  if (!place.empty())
    why.pointer = place + std::to_string(index) + why.pointer;
  return why;
}

} // namespace

void take_or_reject(const api_context& with, visit now,
                    std::shared_ptr<const std::string> body,
                    std::vector<read_item> items, std::string place,
                    accepted_answer accepted) {
  auto rejected = std::make_shared<rejections>(
    now, with.now_in(now.who.workspace), with.rejected);
  std::vector<messages::ingest_parcel> commands;
  std::vector<std::pair<std::size_t, std::string_view>> taken;
  commands.reserve(items.size());
  taken.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto& [text, command] = items[i];
    if (command) {
      commands.push_back(std::move(*command));
      taken.emplace_back(i, text);
    } else {
      rejected->add(at_place(command.failure(), place, i), text);
    }
  }
  take_events(
    std::move(commands),
    [gateway = with.gateway, rejected, body = std::move(body),
     taken = std::move(taken), place = std::move(place),
     accepted = std::move(accepted), answer = pending_answer{std::move(now)}](
      const std::vector<messages::ingest_answer>& answers) {
      for (std::size_t i = 0; i < answers.size(); ++i) {
        const auto& failure = answers[i].failure;
        if (!failure)
          continue;
        if (messages::may_be_tried_again(*failure))
          return answer.refuse(to_be_tried_again(*failure));
        rejected->add(at_place(*failure, place, taken[i].first),
                      taken[i].second);
      }
      taken_events done;
      for (std::size_t i = 0; i < answers.size(); ++i)
        if (!answers[i].failure)
          done.emplace_back(taken[i].first, &answers[i].done);
      rejected->keep(gateway, [answer, good = accepted(done)](
                                std::optional<engine::error> failure) {
        if (failure)
          answer.refuse(*failure);
        else
          answer.respond(good);
      });
    });
}

} // namespace troupe::http
