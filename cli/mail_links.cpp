#include "cli/mail_links.hpp"

#include "engine/preference.hpp"
#include "engine/template_scope.hpp"
#include "outbound/html_links.hpp"

namespace troupe::cli {

namespace {

using http::link_kind;

void put_link(std::string& text, const std::string& link) {
  constexpr auto place = engine::unsubscribe_placeholder;
  for (auto at = text.find(place); at != std::string::npos;
       at = text.find(place, at + link.size()))
    text.replace(at, place.size(), link);
}

} // namespace

std::string mail_links::url(link_kind what, std::string_view path,
                            const messages::message_origin& from,
                            std::string_view to) const {
  return public_url_ + std::string{path} + tokens_->encode(what, from, to);
}

std::string mail_links::put_into(messages::outgoing_call& call) const {
  if (!call.origin)
    return {};
  auto from = *call.origin;
  // Nobody can choose one that is longer: it is the whole channel then.
  if (from.category.size() > engine::category_bytes_max)
    from.category.clear();
  const auto link = public_url_.empty()
                      ? std::string{}
                      : url(link_kind::unsubscribe, "/t/u/", from);
  put_link(call.body, link);
  if (!call.mail)
    return link;
  auto& mail = *call.mail;
  for (auto* part : {&mail.subject, &mail.text, &mail.html})
    put_link(*part, link);
  if (public_url_.empty() || !mail.tracked || mail.html.empty())
    return link;
  mail.html = outbound::with_links(mail.html, [&](const std::string& to) {
    const auto is_own = to.starts_with(public_url_ + "/t/");
    return is_own || to.size() > http::tracked_url_max
             ? std::string{}
             : url(link_kind::click, "/t/c/", from, to);
  });
  mail.html = outbound::with_picture(std::move(mail.html),
                                     url(link_kind::open, "/t/o/", from));
  return link;
}

} // namespace troupe::cli
