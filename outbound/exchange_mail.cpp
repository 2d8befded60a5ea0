// An exchange that carries mail: SMTP instead of HTTP.
#include "outbound/exchange.hpp"

#include <algorithm>
#include <cstring>

namespace troupe::outbound {

namespace {

constexpr std::size_t replies_kept_max = 2048;
constexpr long connection_seconds_max = 20; // idle; servers hang up, too

// Replies that say no for good to this one message; what a server says of us
// or of the sender may be said differently once somebody has looked.
bool is_of_message(char asked) {
  return asked == 'R' || asked == 'D'; // RCPT, DATA and its end
}

} // namespace

void exchange::set_mail() {
  void* self = this;
  const auto& mail = *call_.mail;
  carried_mail_ = true;
  body_sent_ = 0;
  asked_ = 0;
  reply_ = 0;
  is_leaving_ = false;
  set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  set(CURLOPT_USE_SSL,
      static_cast<long>(mail.starttls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
  // No message that needs TLS goes by a connection that has none.
  set(CURLOPT_FORBID_REUSE,
      call_.url.starts_with("smtp:") && !mail.starttls ? 1L : 0L);
  set(CURLOPT_MAXAGE_CONN, connection_seconds_max);
  if (!mail.certificate.empty()) {
    curl_blob trusted{};
    trusted.data = call_.mail->certificate.data();
    trusted.len = mail.certificate.size();
    trusted.flags = CURL_BLOB_COPY;
    set(CURLOPT_CAINFO_BLOB, &trusted);
  }
  if (!mail.username.empty()) {
    set(CURLOPT_USERNAME, mail.username.c_str());
    set(CURLOPT_PASSWORD, mail.password.c_str());
    set(CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
  }
  set(CURLOPT_MAIL_FROM, mail.from.c_str());
  recipient_ = mail.to;
  recipients_ = {recipient_.data(), nullptr};
  set(CURLOPT_MAIL_RCPT, &recipients_);
  set(CURLOPT_UPLOAD, 1L);
  set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(call_.body.size()));
  set(CURLOPT_READFUNCTION, &exchange::on_read);
  set(CURLOPT_READDATA, self);
  // The only way to know what a reply is to.
  set(CURLOPT_DEBUGFUNCTION, &exchange::on_dialogue);
  set(CURLOPT_DEBUGDATA, self);
  set(CURLOPT_VERBOSE, 1L);
}

void exchange::take_reply(std::string_view line) {
  const auto is_digit = [](char c) {
    return c >= '0' && c <= '9';
  };
  if (is_leaving_ || line.size() < 3
      || !std::all_of(line.begin(), line.begin() + 3, is_digit))
    return;
  const auto code
    = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  // The last reply is kept with all its lines.
  if (code != reply_)
    outcome_.body.clear();
  reply_ = code;
  if (outcome_.body.size() + line.size() <= replies_kept_max)
    outcome_.body += line;
}

void exchange::finish_mail(CURLcode code) {
  if (code == CURLE_OK) {
    outcome_.status = reply_;
    return;
  }
  if (code == CURLE_LOGIN_DENIED)
    outcome_.error = "login_refused";
  else if (code == CURLE_USE_SSL_FAILED)
    outcome_.error = "tls_failed";
  else if (reply_ >= 500 && is_of_message(asked_))
    outcome_.error = "recipient_refused";
  else if (reply_ >= 400)
    outcome_.error = "mail_refused";
  if (reply_ >= 400)
    outcome_.status = reply_;
  if (outcome_.error.empty())
    outcome_.error = error_word(code);
}

std::size_t exchange::on_read(char* into, std::size_t size, std::size_t count,
                              void* self) {
  auto& me = *static_cast<exchange*>(self);
  const auto& body = me.call_.body;
  const auto bytes = std::min(size * count, body.size() - me.body_sent_);
  std::memcpy(into, body.data() + me.body_sent_, bytes);
  me.body_sent_ += bytes;
  return bytes;
}

// What goes out may be a password: only its first letters are looked at.
int exchange::on_dialogue(CURL*, curl_infotype what, char* data,
                          std::size_t size, void* self) {
  constexpr std::string_view verbs[]
    = {"AUTH ", "DATA\r\n", "EHLO ", "HELO ", "MAIL ", "RCPT ", "STARTTLS"};
  if (what != CURLINFO_HEADER_OUT)
    return 0;
  auto& me = *static_cast<exchange*>(self);
  const std::string_view line{data, size};
  for (const auto verb : verbs)
    if (line.starts_with(verb))
      me.asked_ = verb.front();
  me.is_leaving_ = me.is_leaving_ || line.starts_with("QUIT");
  return 0;
}

} // namespace troupe::outbound
