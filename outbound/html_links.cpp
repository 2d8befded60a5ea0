#include "outbound/html_links.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

namespace troupe::outbound {

namespace {

constexpr std::string_view blanks = " \t\r\n\f";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool is_word(std::string_view text, std::string_view word) {
  return text.size() == word.size()
         && std::equal(text.begin(), text.end(), word.begin(),
                       [](char a, char b) {
                         return lower(a) == b;
                       });
}

std::string_view trimmed(std::string_view text) {
  const auto from = text.find_first_not_of(blanks);
  return from == text.npos
           ? std::string_view{}
           : text.substr(from, text.find_last_not_of(blanks) - from + 1);
}

// The character of "amp", "#38" or "#x26", if it is one of ASCII.
std::optional<char> character_of(std::string_view name) {
  constexpr std::array named{std::pair{std::string_view{"amp"}, '&'},
                             std::pair{std::string_view{"quot"}, '"'},
                             std::pair{std::string_view{"apos"}, '\''},
                             std::pair{std::string_view{"lt"}, '<'},
                             std::pair{std::string_view{"gt"}, '>'}};
  for (const auto& [word, character] : named)
    if (name == word)
      return character;
  if (!name.starts_with('#'))
    return std::nullopt;
  name.remove_prefix(1);
  const auto is_hex = name.starts_with('x') || name.starts_with('X');
  if (is_hex)
    name.remove_prefix(1);
  int value = 0;
  const auto read = std::from_chars(name.data(), name.data() + name.size(),
                                    value, is_hex ? 16 : 10);
  return read.ec == std::errc{} && read.ptr == name.data() + name.size()
             && value >= ' ' && value <= '~'
           ? std::optional{static_cast<char>(value)}
           : std::nullopt;
}

// A value as it is written, without its references to characters.
std::string plain(std::string_view written) {
  constexpr std::size_t name_max = 8;
  std::string out;
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (written[i] == '&') {
      const auto end = written.find(';', i);
      if (end != written.npos && end - i <= name_max)
        if (const auto c = character_of(written.substr(i + 1, end - i - 1))) {
          out += *c;
          i = end;
          continue;
        }
    }
    out += written[i];
  }
  return out;
}

bool is_web(std::string_view url) {
  const auto scheme = url.substr(0, url.find(':'));
  return (is_word(scheme, "http") || is_word(scheme, "https"))
         && url.substr(scheme.size()).starts_with("://")
         && std::none_of(url.begin(), url.end(), [](char c) {
              // Beyond ASCII it would not go into a Location field.
              return c <= ' ' || c > '~';
            });
}

// Walks over a text and writes it down again.
class rewriter {
public:
  rewriter(std::string_view html, const link_change& change)
    : html_{html}, change_{change} {}

  std::string run() {
    out_.reserve(html_.size() + html_.size() / 4);
    while (at_ < html_.size()) {
      copy_to(std::min(html_.find('<', at_), html_.size()));
      if (html_.substr(at_).starts_with("<!--"))
        copy_to(after("-->"));
      else if (at_ < html_.size())
        tag();
    }
    return std::move(out_);
  }

private:
  [[nodiscard]] std::size_t after(std::string_view what) const {
    const auto found = html_.find(what, at_);
    return found == html_.npos ? html_.size() : found + what.size();
  }

  void copy_to(std::size_t end) {
    out_ += html_.substr(at_, end - at_);
    at_ = end;
  }

  [[nodiscard]] std::size_t end_of(std::string_view stops) const {
    return std::min(html_.find_first_of(stops, at_), html_.size());
  }

  void tag() {
    const auto name_from = at_ + 1;
    copy_to(name_from);
    copy_to(end_of(" \t\r\n\f/>"));
    const auto name = html_.substr(name_from, at_ - name_from);
    const auto is_link = is_word(name, "a") || is_word(name, "area");
    while (at_ < html_.size() && html_[at_] != '>') {
      copy_to(
        std::min(html_.find_first_not_of(" \t\r\n\f/", at_), html_.size()));
      if (at_ < html_.size() && html_[at_] != '>')
        attribute(is_link);
    }
    copy_to(std::min(at_ + 1, html_.size()));
  }

  void attribute(bool of_link) {
    const auto from = at_;
    copy_to(std::min(end_of(" \t\r\n\f/>="), html_.size()));
    if (at_ == from) // a '=' where a name should be
      copy_to(at_ + 1);
    const auto name = html_.substr(from, at_ - from);
    const auto next = html_.find_first_not_of(blanks, at_);
    if (next == html_.npos || html_[next] != '=')
      return;
    copy_to(std::min(html_.find_first_not_of(blanks, next + 1), html_.size()));
    if (at_ == html_.size() || html_[at_] == '>')
      return;
    const char quote = html_[at_] == '"' || html_[at_] == '\'' ? html_[at_] : 0;
    if (quote != 0)
      copy_to(at_ + 1);
    const auto end
      = quote != 0 ? end_of(std::string_view{&quote, 1}) : end_of(" \t\r\n\f>");
    value(of_link && is_word(name, "href"), end);
    if (quote != 0)
      copy_to(std::min(at_ + 1, html_.size()));
  }

  void value(bool is_link, std::size_t end) {
    if (is_link) {
      const auto url
        = std::string{trimmed(plain(html_.substr(at_, end - at_)))};
      if (is_web(url))
        if (const auto other = change_(url); !other.empty()) {
          out_ += other;
          at_ = end;
          return;
        }
    }
    copy_to(end);
  }

  std::string_view html_;
  const link_change& change_;
  std::size_t at_ = 0;
  std::string out_;
};

} // namespace

std::string with_links(std::string_view html, const link_change& change) {
  return rewriter{html, change}.run();
}

std::string with_picture(std::string html, const std::string& url) {
  constexpr std::string_view end_of_body = "</body";
  const auto found
    = std::find_end(html.begin(), html.end(), end_of_body.begin(),
                    end_of_body.end(), [](char a, char b) {
                      return lower(a) == b;
                    });
  const auto place = static_cast<std::size_t>(found - html.begin());
  html.insert(place,
              "<img src=\"" + url + "\" width=\"1\" height=\"1\" alt=\"\">");
  return html;
}

} // namespace troupe::outbound
