#include "engine/template_space.hpp"

#include <algorithm>
#include <iterator>

namespace troupe::engine {

namespace {

constexpr std::string_view long_spaces[]
  = {"\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81",
     "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85",
     "\xE2\x80\x86", "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89",
     "\xE2\x80\x8A", "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAF",
     "\xE2\x81\x9F", "\xE3\x80\x80", "\xEF\xBB\xBF"};

bool is_short_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

} // namespace

std::size_t space_at_front(std::string_view text) {
  if (text.empty())
    return 0;
  if (is_short_space(text.front()))
    return 1;
  if (static_cast<unsigned char>(text.front()) < 0x80)
    return 0;
  const auto found = std::find_if(std::begin(long_spaces),
                                  std::end(long_spaces), [text](auto space) {
                                    return text.starts_with(space);
                                  });
  return found == std::end(long_spaces) ? 0 : found->size();
}

std::size_t spaces_at_front(std::string_view text) {
  std::size_t size = 0;
  while (const auto next = space_at_front(text.substr(size)))
    size += next;
  return size;
}

std::size_t spaces_at_back(std::string_view text) {
  const auto whole = text.size();
  while (!text.empty()) {
    if (is_short_space(text.back())) {
      text.remove_suffix(1);
      continue;
    }
    if (static_cast<unsigned char>(text.back()) < 0x80)
      break;
    const auto found = std::find_if(std::begin(long_spaces),
                                    std::end(long_spaces), [text](auto space) {
                                      return text.ends_with(space);
                                    });
    if (found == std::end(long_spaces))
      break;
    text.remove_suffix(found->size());
  }
  return whole - text.size();
}

} // namespace troupe::engine
