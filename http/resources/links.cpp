#include "http/resources/links.hpp"

#include "engine/delivery.hpp"
#include "engine/json_text.hpp"
#include "http/idempotency_key.hpp"
#include "http/tracking_token.hpp"

#include <caf/send.hpp>

namespace troupe::http {

namespace json = boost::json;

namespace {

using outcome = std::function<void(const std::optional<engine::error>&)>;

constexpr std::string_view html = "text/html; charset=utf-8";

// 1 by 1, transparent.
constexpr std::string_view picture{
  "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00"
  "\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02"
  "D\x01\x00;",
  43};
static_assert(picture.back() == ';');

header_fields guarded(header_fields more = {}) {
  more.emplace_back("Cache-Control", "no-store");
  more.emplace_back("Referrer-Policy", "no-referrer");
  more.emplace_back("X-Content-Type-Options", "nosniff");
  more.emplace_back("X-Robots-Tag", "noindex");
  return more;
}

response page(std::string_view body) {
  response answer;
  answer.content_type = html;
  answer.headers = guarded(
    {{"Content-Security-Policy", "default-src 'none'; form-action 'self'; "
                                 "base-uri 'none'; frame-ancestors 'none'"}});
  answer.body
    = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\">"
      "<title>Unsubscribe</title></head><body>";
  answer.body += body;
  answer.body += "</body></html>\n";
  return answer;
}

std::optional<followed_link> link_of(const api_context& with, visit& now,
                                     link_kind what) {
  auto link = with.links->decode(what, now.route.parameter("token"));
  if (!link
      || !with.catalog->get()->workspaces.contains(link->origin.workspace)) {
    now.refuse(no_such("link"));
    return std::nullopt;
  }
  return link;
}

std::string delivery_of(const messages::message_origin& from,
                        const engine::id_text& ids) {
  engine::turn sender;
  sender.workspace = from.workspace;
  sender.stamp.at = from.at;
  sender.stamp.turn = from.turn;
  return engine::delivery_id(sender, from.channel, from.ordinal, ids);
}

// Empty when it is not there any more, not even as one that was removed.
std::string channel_of(const api_context& with,
                       const messages::message_origin& from) {
  const auto known = with.catalog->get();
  const auto& all = known->workspaces.at(from.workspace).endpoints;
  const auto found = all.find(from.channel);
  return found == all.end() ? std::string{} : found->second.key;
}

// What every event about the message says.
json::object about(const api_context& with,
                   const messages::message_origin& from) {
  json::object out{{"campaign_id", from.sequence},
                   {"node", from.node},
                   {"channel", channel_of(with, from)}};
  if (!from.category.empty())
    out["category"] = from.category;
  out["delivery_id"] = delivery_of(from, *with.ids);
  return out;
}

// The contact's event, once a day and message however often it happens.
void tell(const api_context& with, const followed_link& link,
          std::string_view type, const json::object& properties,
          engine::preference_list choices, outcome done) {
  const auto& from = link.origin;
  messages::contact_change wish;
  wish.contact = messages::contact_reference{from.workspace, from.contact, {}};
  wish.command.workspace = from.workspace;
  auto& event = wish.command.event;
  event.record.type = type;
  event.record.from = engine::door::inside;
  event.record.body = engine::to_json(properties);
  event.record.properties
    = {0, static_cast<std::uint32_t>(event.record.body.size())};
  event.properties = properties;
  // A choice is made anew each time: another one may have been made between.
  if (choices.empty())
    event.key = idempotency_of(std::string{type} + delivery_of(from, *with.ids)
                                 + link.url,
                               key_scope::links, from.workspace, 0);
  event.preferences = std::move(choices);
  auto slot = slot_for<messages::contact_changed>(
    [done = std::move(done)](const messages::contact_changed& changed) {
      done(changed.failure);
    });
  caf::anon_send(with.gateway, atom::change_atom::value, std::move(wish),
                 std::move(slot));
}

// Looking whether a link is there is not following it.
bool is_look(const visit& now) {
  return now.what.method() == "HEAD";
}

void show_picture(const api_context& with, visit now) {
  const auto link = link_of(with, now, link_kind::open);
  if (!link)
    return;
  response answer;
  answer.content_type = "image/gif";
  answer.headers = guarded();
  answer.body = picture;
  if (is_look(now))
    return now.respond(std::move(answer));
  auto properties = about(with, link->origin);
  properties["contact_id"]
    = with.ids->contact(link->origin.workspace, link->origin.contact);
  // The picture is shown whatever came of noting it.
  tell(with, *link, "$email_opened", properties, {},
       [to = pending_answer{std::move(now)}, answer](const auto&) {
         to.respond(answer);
       });
}

void lead_on(const api_context& with, visit now) {
  const auto link = link_of(with, now, link_kind::click);
  if (!link)
    return;
  response answer;
  answer.status = 302;
  answer.content_type = "text/plain; charset=utf-8";
  answer.headers = guarded({{"Location", link->url}});
  if (is_look(now))
    return now.respond(std::move(answer));
  auto properties = about(with, link->origin);
  properties["url"] = link->url;
  tell(with, *link, "$email_clicked", properties, {},
       [to = pending_answer{std::move(now)}, answer](const auto&) {
         to.respond(answer);
       });
}

// Reading it changes nothing: some programs follow every link of a message.
void ask_to_unsubscribe(const api_context& with, visit now) {
  if (!link_of(with, now, link_kind::unsubscribe))
    return;
  now.respond(page("<p>Do you want to get no more of these messages?</p>"
                   "<form method=\"post\"><button type=\"submit\">Unsubscribe"
                   "</button></form>"));
}

void unsubscribe(const api_context& with, visit now) {
  const auto link = link_of(with, now, link_kind::unsubscribe);
  if (!link)
    return;
  const auto channel = channel_of(with, link->origin);
  if (channel.empty())
    return now.refuse(no_such("link"));
  auto properties = about(with, link->origin);
  const auto one_click = now.what.body.find("One-Click") != std::string::npos;
  properties["reason"] = one_click ? "one_click" : "form";
  tell(with, *link, "$email_unsubscribed", properties,
       {{channel, link->origin.category, false, {}}},
       [to = pending_answer{std::move(now)}](
         const std::optional<engine::error>& failure) {
         if (failure)
           to.refuse(*failure);
         else
           to.respond(page("<p>You will get no more of these messages.</p>"));
       });
}

} // namespace

std::vector<api_route> link_routes() {
  constexpr std::size_t body_max = 16 * 1024;
  return {{"GET", "/t/o/{token}", {}, show_picture},
          {"GET", "/t/c/{token}", {}, lead_on},
          {"GET", "/t/u/{token}", {}, ask_to_unsubscribe},
          {"POST", "/t/u/{token}", {}, unsubscribe, body_rule::any, body_max}};
}

} // namespace troupe::http
