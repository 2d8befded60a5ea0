#include "engine/ids.hpp"

#include <xxhash.h>

#include <array>

namespace troupe::engine {

namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t text_length = 26;
constexpr std::uint64_t micros_mask = (std::uint64_t{1} << 52) - 1;
constexpr std::uint64_t contact_check_mask = (std::uint64_t{1} << 58) - 1;
constexpr std::uint64_t position_check_mask = (std::uint64_t{1} << 20) - 1;

struct wide {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
};

void append_crockford(std::string& out, wide value) {
  std::array<char, text_length> text{};
  for (std::size_t i = text_length; i-- > 0;) {
    text[i] = alphabet[value.low & 31];
    value.low = (value.low >> 5) | (value.high << 59);
    value.high >>= 5;
  }
  out.append(text.data(), text.size());
}

std::optional<wide> parse_crockford(std::string_view text) {
  if (text.size() != text_length || text[0] > '7')
    return std::nullopt;
  wide value;
  for (const char c : text) {
    const auto digit = alphabet.find(c);
    if (digit == std::string_view::npos)
      return std::nullopt;
    value.high = (value.high << 5) | (value.low >> 59);
    value.low = (value.low << 5) | digit;
  }
  return value;
}

std::uint64_t milliseconds_of(timestamp at) {
  return static_cast<std::uint64_t>(at.time_since_epoch().count() / 1000);
}

timestamp from_milliseconds(std::uint64_t ms) {
  return timestamp{duration{static_cast<std::int64_t>(ms) * 1000}};
}

std::uint64_t check(std::uint64_t seed, std::string_view prefix,
                    workspace_id workspace, std::uint64_t a, std::uint64_t b) {
  const std::array<std::uint64_t, 4> words{
    number(workspace), a, b, static_cast<unsigned char>(prefix[0])};
  return XXH3_64bits_withSeed(words.data(), sizeof words, seed);
}

} // namespace

contact_id contact_id_source::next(timestamp now) {
  const auto micros
    = static_cast<std::uint64_t>(now.time_since_epoch().count()) & micros_mask;
  last_ = std::max(last_ + 1, micros << 4);
  return contact_id{(shard_ << 56) | (last_ & ((std::uint64_t{1} << 56) - 1))};
}

timestamp created_at(contact_id id) {
  return timestamp{
    duration{static_cast<std::int64_t>((number(id) >> 4) & micros_mask)}};
}

std::string id_text::contact(workspace_id workspace, contact_id id) const {
  const auto at = created_at(id);
  const auto micros
    = static_cast<std::uint64_t>(at.time_since_epoch().count()) % 1000;
  const auto rest = (std::uint64_t{shard_of(id)} << 14) | (micros << 4)
                    | (number(id) & 15); // 22 bits
  const auto sum
    = check(seed_, "con_", workspace, number(id), 0) & contact_check_mask;
  std::string out = "con_";
  append_crockford(
    out, {(milliseconds_of(at) << 16) | (rest >> 6), (rest << 58) | sum});
  return out;
}

std::optional<contact_id> id_text::parse_contact(workspace_id workspace,
                                                 std::string_view text) const {
  if (!text.starts_with("con_"))
    return std::nullopt;
  const auto value = parse_crockford(text.substr(4));
  if (!value)
    return std::nullopt;
  const auto rest = ((value->high & 0xFFFF) << 6) | (value->low >> 58);
  const auto micros = (value->high >> 16) * 1000 + ((rest >> 4) & 1023);
  const auto id = contact_id{((rest >> 14) << 56)
                             | ((micros & micros_mask) << 4) | (rest & 15)};
  // Writing it again checks every bit, the keyed ones included.
  if (contact(workspace, id) != text)
    return std::nullopt;
  return id;
}

std::string id_text::at_position(std::string_view prefix,
                                 workspace_id workspace,
                                 const position_id& id) const {
  const auto ms = milliseconds_of(id.at);
  const auto turn = number(id.turn); // 40 bits
  const auto sum
    = check(seed_, prefix, workspace, (ms << 16) ^ id.ordinal, turn)
      & position_check_mask;
  std::string out{prefix};
  append_crockford(
    out, {(ms << 16) | ((turn >> 24) & 0xFFFF),
          (turn << 40) | (std::uint64_t{id.ordinal & 0xFFFFFU} << 20) | sum});
  return out;
}

std::optional<position_id>
id_text::parse_position(std::string_view prefix, workspace_id workspace,
                        std::string_view text) const {
  if (!text.starts_with(prefix))
    return std::nullopt;
  const auto value = parse_crockford(text.substr(prefix.size()));
  if (!value)
    return std::nullopt;
  const position_id id{
    from_milliseconds(value->high >> 16),
    position{((value->high & 0xFFFF) << 24) | (value->low >> 40)},
    static_cast<std::uint32_t>((value->low >> 20) & 0xFFFFF)};
  if (at_position(prefix, workspace, id) != text)
    return std::nullopt;
  return id;
}

std::string uuid_of(inbox_id id) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (unsigned i = 0; i < 32; ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20)
      out += '-';
    const auto half = i < 16 ? id.high : id.low;
    out += digits[(half >> (60 - 4 * (i % 16))) & 15];
  }
  return out;
}

// 48 bits of milliseconds; version; 2 of kind, 10 of the number; variant; 30 of
// the number, 32 of the check.
inbox_id id_text::trigger(workspace_id workspace,
                          const trigger_name& what) const {
  const auto ms = milliseconds_of(what.at);
  const auto kind = static_cast<std::uint64_t>(what.what);
  const auto sum
    = check(seed_, "trigger", workspace, (ms << 2) | kind, what.number)
      & 0xFFFFFFFF;
  return {(ms << 16) | 0x8000 | (kind << 10) | ((what.number >> 30) & 0x3FF),
          (std::uint64_t{2} << 62) | ((what.number & 0x3FFFFFFF) << 32) | sum};
}

std::optional<trigger_name>
id_text::parse_trigger(workspace_id workspace, std::string_view uuid) const {
  inbox_id id;
  unsigned digits = 0;
  for (const char c : uuid) {
    const auto lower = c >= 'A' && c <= 'F' ? c + ('a' - 'A') : int{c};
    const auto digit = lower >= '0' && lower <= '9'   ? lower - '0'
                       : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10
                                                      : -1;
    if (c == '-')
      continue;
    if (digit < 0 || digits == 32)
      return std::nullopt;
    auto& half = digits++ < 16 ? id.high : id.low;
    half = (half << 4) | static_cast<std::uint64_t>(digit);
  }
  const trigger_name what{from_milliseconds(id.high >> 16),
                          static_cast<trigger_name::kind>((id.high >> 10) & 3),
                          ((id.high & 0x3FF) << 30)
                            | ((id.low >> 32) & 0x3FFFFFFF)};
  if (uuid.size() != 36 || trigger(workspace, what) != id)
    return std::nullopt;
  return what;
}

std::string ulid(timestamp at, std::uint16_t random_high,
                 std::uint64_t random_low) {
  std::string out;
  append_crockford(out,
                   {(milliseconds_of(at) << 16) | random_high, random_low});
  return out;
}

} // namespace troupe::engine
