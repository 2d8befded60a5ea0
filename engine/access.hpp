// Who may do what: the words of workspaces and API keys.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace troupe::engine {

/// What a key may do; bits, stored.
enum class scope : std::uint32_t {
  events_write = 1,
  events_read = 2,
  manage = 4,
  system_emit = 8,
  admin = 16,
};

inline constexpr std::uint32_t every_scope = 31;
/// What a workspace's own key may do: `admin` is of the installation.
inline constexpr std::uint32_t workspace_scopes = 15;

inline constexpr std::array scope_names{
  std::pair{scope::events_write, std::string_view{"events:write"}},
  std::pair{scope::events_read, std::string_view{"events:read"}},
  std::pair{scope::manage, std::string_view{"manage"}},
  std::pair{scope::system_emit, std::string_view{"system:emit"}},
  std::pair{scope::admin, std::string_view{"admin"}}};

constexpr std::uint32_t bit_of(scope what) {
  return static_cast<std::uint32_t>(what);
}

/// Append only: numbers are stored.
enum class key_kind : std::uint8_t {
  secret = 1,
  write = 2, // for browsers: may send events and nothing else
  test = 3,  // free of rate limits
};

inline constexpr std::array key_kind_names{
  std::pair{key_kind::secret, std::string_view{"secret"}},
  std::pair{key_kind::write, std::string_view{"write"}},
  std::pair{key_kind::test, std::string_view{"test"}}};

/// Append only: numbers are stored.
enum class workspace_kind : std::uint8_t { live = 1, test = 2 };

inline constexpr std::array workspace_kind_names{
  std::pair{workspace_kind::live, std::string_view{"live"}},
  std::pair{workspace_kind::test, std::string_view{"test"}}};

/// The word for a value of one of the tables above.
template <class Table>
constexpr std::string_view
word_of(const Table& words, typename Table::value_type::first_type what) {
  for (const auto& [value, word] : words)
    if (value == what)
      return word;
  return "unknown";
}

template <class Table>
constexpr auto find_word(const Table& words, std::string_view word)
  -> std::optional<typename Table::value_type::first_type> {
  for (const auto& [value, each] : words)
    if (each == word)
      return value;
  return std::nullopt;
}

} // namespace troupe::engine
