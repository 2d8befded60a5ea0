#include "http/response.hpp"

#include "http/characters.hpp"

#include <array>
#include <charconv>

namespace troupe::http {

namespace {

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto [end, ec]
    = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), end);
}

void append_two_digits(std::string& out, unsigned number) {
  out += static_cast<char>('0' + number / 10 % 10);
  out += static_cast<char>('0' + number % 10);
}

/// Fields a handler may add: no second framing, no split head.
bool is_allowed(std::string_view name, std::string_view value) {
  if (!is_token(name) || !is_field_value(value))
    return false;
  for (const std::string_view own :
       {"content-length", "transfer-encoding", "connection", "date",
        "content-type", "x-request-id"})
    if (equal_ignoring_case(name, own))
      return false;
  return true;
}

} // namespace

std::string_view reason_phrase(std::uint16_t status) {
  switch (status) {
    // clang-format off
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 207: return "Multi-Status";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
      // clang-format on
  }
}

void date_line::set(std::chrono::system_clock::time_point now) {
  using namespace std::chrono;
  static constexpr std::array<std::string_view, 7> weekdays{
    "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<std::string_view, 12> months{
    "Jan", "Feb", "Mar", "Apr", "May", "Jun",
    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto second = floor<seconds>(now);
  if (second == second_)
    return;
  second_ = second;
  const auto day = floor<days>(second);
  const year_month_day date{day};
  const hh_mm_ss<seconds> time{second - day};
  text_ = "Date: ";
  text_ += weekdays[weekday{day}.c_encoding()];
  text_ += ", ";
  append_two_digits(text_, unsigned{date.day()});
  text_ += ' ';
  text_ += months[unsigned{date.month()} - 1];
  text_ += ' ';
  append_number(text_, static_cast<std::uint64_t>(int{date.year()}));
  text_ += ' ';
  append_two_digits(text_, static_cast<unsigned>(time.hours().count()));
  text_ += ':';
  append_two_digits(text_, static_cast<unsigned>(time.minutes().count()));
  text_ += ':';
  append_two_digits(text_, static_cast<unsigned>(time.seconds().count()));
  text_ += " GMT\r\n";
}

void serialise(const response& answer, const exchange& about,
               std::string_view date, std::string& out) {
  constexpr std::size_t head_guess = 256;
  out.reserve(out.size() + head_guess + answer.body.size());
  out += "HTTP/1.1 ";
  append_number(out, answer.status);
  out += ' ';
  out += reason_phrase(answer.status);
  out += "\r\n";
  out += date;
  if (!answer.content_type.empty()) {
    out += "Content-Type: ";
    out += answer.content_type;
    out += "\r\n";
  }
  const auto has_body = answer.status != 204 && answer.status != 304;
  if (answer.stream) {
    if (about.is_http_1_1)
      out += "Transfer-Encoding: chunked\r\n";
  } else if (has_body) {
    out += "Content-Length: ";
    append_number(out, answer.body.size() + answer.fixed_body.size());
    out += "\r\n";
  }
  out += "X-Request-Id: ";
  out += about.id.view();
  out += "\r\n";
  for (const auto& [name, value] : answer.headers) {
    if (!is_allowed(name, value))
      continue;
    out += name;
    out += ": ";
    out += value;
    out += "\r\n";
  }
  if (!about.keep_alive)
    out += "Connection: close\r\n";
  else if (!about.is_http_1_1)
    out += "Connection: keep-alive\r\n";
  out += "\r\n";
  if (has_body && !about.is_head)
    out += answer.body;
}

} // namespace troupe::http
