#include "outbound/mail_message.hpp"

#include "engine/base64.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <ctime>

namespace troupe::outbound {

namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::size_t plain_header_bytes_max = 60;
constexpr std::size_t word_bytes_max = 42; // of UTF-8 in one encoded word
constexpr std::size_t body_line_max = 75;  // and a soft line break
// Of Message-Id and URLs, which are one word: the line's limit without them.
constexpr std::size_t one_word_max = 900;

bool is_plain(std::string_view text) {
  return text.size() <= plain_header_bytes_max
         && text.find("=?") == std::string_view::npos
         && std::all_of(text.begin(), text.end(), [](char c) {
              return c >= ' ' && c <= '~';
            });
}

bool is_one_word(std::string_view text) {
  return text.size() <= one_word_max
         && std::all_of(text.begin(), text.end(), [](char c) {
              return c > ' ' && c <= '~' && c != '<' && c != '>';
            });
}

// As many whole characters of UTF-8 as one encoded word may have.
std::size_t word_size(std::string_view text) {
  auto size = std::min(text.size(), word_bytes_max);
  while (size > 1 && size < text.size()
         && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U)
    --size;
  return size;
}

// A name that is no plain words is quoted.
std::string phrase(std::string_view name) {
  const auto is_word = [](char c) {
    return c == ' ' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
           || (c >= 'a' && c <= 'z');
  };
  if (!is_plain(name) || std::all_of(name.begin(), name.end(), is_word))
    return header_text(name);
  std::string out{'"'};
  for (const char c : name) {
    if (c == '"' || c == '\\')
      out += '\\';
    out += c;
  }
  return out + '"';
}

std::string to_header(const engine::mailbox& who) {
  if (who.name.empty())
    return who.address;
  return phrase(who.name) + std::string{line_end} + " <" + who.address + ">";
}

// "Sun, 22 Nov 2026 11:52:08 +0000"
std::string date_of(std::chrono::sys_seconds at) {
  constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto seconds = static_cast<std::time_t>(at.time_since_epoch().count());
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 64> out{};
  std::snprintf(out.data(), out.size(), "%s, %02d %s %d %02d:%02d:%02d +0000",
                days.at(static_cast<std::size_t>(utc.tm_wday)), utc.tm_mday,
                months.at(static_cast<std::size_t>(utc.tm_mon)),
                utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
  return out.data();
}

std::string part_of(std::string_view type, std::string_view body) {
  std::string out{"Content-Type: "};
  out += type;
  out += "; charset=utf-8";
  out += line_end;
  out += "Content-Transfer-Encoding: quoted-printable";
  out += line_end;
  out += line_end;
  out += quoted_printable(body);
  out += line_end;
  return out;
}

// Quoted-printable writes no "=_".
std::string alternatives(const mail_message& message) {
  constexpr std::string_view boundary = "=_troupe_alternative";
  std::string out{"Content-Type: multipart/alternative;"};
  out += line_end;
  out += " boundary=\"" + std::string{boundary} + "\"";
  out += line_end;
  out += line_end;
  for (const auto& part : {part_of("text/plain", message.text),
                           part_of("text/html", message.html)}) {
    out += "--" + std::string{boundary};
    out += line_end;
    out += part;
  }
  out += "--" + std::string{boundary} + "--";
  out += line_end;
  return out;
}

} // namespace

std::string header_text(std::string_view text) {
  std::string clean;
  for (const char c : text)
    clean += static_cast<unsigned char>(c) < ' ' || c == 0x7f ? ' ' : c;
  if (is_plain(clean))
    return clean;
  std::string out;
  for (std::string_view rest = clean; !rest.empty();) {
    const auto size = word_size(rest);
    if (!out.empty())
      out += "\r\n ";
    out += "=?UTF-8?B?" + engine::base64_encode(rest.substr(0, size)) + "?=";
    rest.remove_prefix(size);
  }
  return out;
}

std::string quoted_printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  std::size_t line = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n')
      continue;
    if (c == '\n' || c == '\r') {
      out += line_end;
      line = 0;
      continue;
    }
    const auto next = i + 1 < text.size() ? text[i + 1] : '\n';
    const auto ends_line = next == '\n' || next == '\r';
    // A blank at the end would be lost, and a line that is one dot or begins
    // with "From" is changed by some servers.
    const auto is_blank = c == ' ' || c == '\t';
    const auto is_plain
      = (c > ' ' && c <= '~' && c != '=') || (is_blank && !ends_line);
    if (line + (is_plain ? 1 : 3) > body_line_max) {
      out += "=\r\n";
      line = 0;
    }
    const auto is_literal = is_plain && (line != 0 || (c != '.' && c != 'F'));
    const std::size_t size = is_literal ? 1 : 3;
    if (is_literal) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '=';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
    line += size;
  }
  return out;
}

std::string to_mime(const mail_message& message) {
  std::string out;
  const auto add = [&out](std::string_view name, std::string_view value) {
    out += name;
    out += ": ";
    out += value;
    out += line_end;
  };
  add("Date", date_of(message.date));
  add("From", to_header(message.from));
  add("To", message.to);
  if (message.reply_to)
    add("Reply-To", to_header(*message.reply_to));
  add("Subject", header_text(message.subject));
  if (!message.message_id.empty() && is_one_word(message.message_id))
    add("Message-ID", "<" + message.message_id + ">");
  if (!message.unsubscribe_url.empty()
      && is_one_word(message.unsubscribe_url)) {
    add("List-Unsubscribe", "<" + message.unsubscribe_url + ">");
    add("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
  }
  add("MIME-Version", "1.0");
  if (!message.text.empty() && !message.html.empty())
    return out + alternatives(message);
  return out
         + (message.html.empty() ? part_of("text/plain", message.text)
                                 : part_of("text/html", message.html));
}

} // namespace troupe::outbound
