#include "cli/call_port.hpp"

#include "outbound/mail_message.hpp"
#include "outbound/url_check.hpp"
#include "outbound/webhook_headers.hpp"

#include <boost/algorithm/string/replace.hpp>

#include <chrono>

namespace troupe::cli {

namespace {

// From the look-up of the name to the server's last word: some take their time.
constexpr std::chrono::seconds mail_deadline{60};

messages::call_outcome failed(std::string word) {
  messages::call_outcome outcome;
  outcome.error = std::move(word);
  return outcome;
}

messages::call_outcome outcome_of(outbound::http_outcome from) {
  messages::call_outcome outcome;
  outcome.status = from.status;
  outcome.error = std::move(from.error);
  outcome.body = std::move(from.body);
  outcome.headers = std::move(from.headers);
  if (from.retry_after_seconds)
    outcome.retry_after = std::chrono::seconds{*from.retry_after_seconds};
  outcome.timings = {from.timings.dns, from.timings.connect, from.timings.tls,
                     from.timings.first_byte, from.timings.total};
  return outcome;
}

engine::status sign(messages::outgoing_call& call) {
  if (call.signing_secret.empty())
    return engine::success();
  std::vector<std::string> secrets{call.signing_secret};
  if (!call.previous_secret.empty())
    secrets.push_back(call.previous_secret);
  const auto now = std::chrono::floor<std::chrono::milliseconds>(
    std::chrono::system_clock::now().time_since_epoch());
  auto headers = outbound::webhook_headers(
    call.profile, {call.delivery_id, now, call.body}, secrets);
  if (!headers)
    return headers.failure();
  call.headers.insert(call.headers.end(), headers->begin(), headers->end());
  return engine::success();
}

// A receiver may send back what it was sent, and answers are kept and shown.
void mask(messages::call_outcome& answer, const std::string& secret) {
  if (secret.empty())
    return;
  boost::algorithm::replace_all(answer.body, secret, "********");
  for (auto& [name, value] : answer.headers)
    boost::algorithm::replace_all(value, secret, "********");
}

outbound::http_call posted(messages::outgoing_mail mail,
                           std::string unsubscribe_url) {
  outbound::mail_message message;
  message.from = engine::parse_mailbox(mail.from).value_or(engine::mailbox{});
  message.reply_to = engine::parse_mailbox(mail.reply_to);
  message.to = mail.to;
  message.subject = std::move(mail.subject);
  message.text = std::move(mail.text);
  message.html = std::move(mail.html);
  message.message_id = std::move(mail.message_id);
  message.unsubscribe_url = std::move(unsubscribe_url);
  message.date = mail.date;
  const auto& sender = message.from.address;
  outbound::http_call out;
  // The last part is how the server is greeted.
  out.url
    = (mail.security == messages::mail_security::tls ? "smtps://" : "smtp://")
      + mail.host + ":" + std::to_string(mail.port) + "/"
      + sender.substr(sender.rfind('@') + 1);
  out.body = outbound::to_mime(message);
  out.timeout = mail_deadline;
  outbound::mail_envelope envelope;
  envelope.from = sender;
  envelope.to = std::move(mail.to);
  envelope.starttls = mail.security == messages::mail_security::starttls;
  envelope.username = std::move(mail.username);
  envelope.password = std::move(mail.password);
  envelope.certificate = std::move(mail.certificate);
  out.mail = std::move(envelope);
  return out;
}

} // namespace

messages::call_port make_call_port(outbound::transport& transport,
                                   const outbound::address_guard& guard,
                                   mail_links links) {
  return [&transport, guard, links = std::move(links)](
           messages::outgoing_call call,
           std::function<void(messages::call_outcome)> done) {
    const auto told = call.profile == engine::webhook_profile::bearer
                        ? call.signing_secret
                        : std::string{};
    const auto finish = [done, told](outbound::http_outcome outcome) {
      auto ended = outcome_of(std::move(outcome));
      mask(ended, told);
      done(std::move(ended));
    };
    auto unsubscribe_url = links.put_into(call);
    if (call.mail) {
      transport.submit(
        posted(std::move(*call.mail), std::move(unsubscribe_url)), finish);
      return;
    }
    // The URL of an `http` node is known only now.
    if (auto allowed = outbound::check_url(call.url, guard); !allowed) {
      done(failed(allowed.failure().name));
      return;
    }
    if (auto signed_ = sign(call); !signed_) {
      done(failed(signed_.failure().name));
      return;
    }
    outbound::http_call out;
    out.method = std::move(call.method);
    out.url = std::move(call.url);
    out.headers = std::move(call.headers);
    out.body = std::move(call.body);
    out.timeout = engine::answer_time(call.profile);
    transport.submit(std::move(out), finish);
  };
}

} // namespace troupe::cli
