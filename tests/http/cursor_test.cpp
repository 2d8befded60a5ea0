#include "http/cursor.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace troupe::http;
using troupe::engine::workspace_id;

namespace {

const cursor_codec codec{"a secret of the installation"};

} // namespace

TEST_CASE("J11 a cursor gives back its place", "[http][cursor]") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937_64 random{seed};
  for (int i = 0; i < 200; ++i) {
    const list_place place{random(), random() >> (i % 64)};
    const workspace_id workspace{static_cast<std::uint32_t>(random())};
    const auto text = codec.encode(list_kind::events, workspace, place);
    CHECK(codec.decode(list_kind::events, workspace, text) == place);
  }
}

TEST_CASE("J11 a cursor is good for one list, workspace and installation",
          "[http][cursor]") {
  const auto text = codec.encode(list_kind::events, workspace_id{1}, {7, 0});
  CHECK_FALSE(codec.decode(list_kind::audit_log, workspace_id{1}, text));
  CHECK_FALSE(codec.decode(list_kind::events, workspace_id{2}, text));
  const cursor_codec other{"another secret"};
  CHECK_FALSE(other.decode(list_kind::events, workspace_id{1}, text));
}

TEST_CASE("J11 a cursor with any bit changed is refused", "[http][cursor]") {
  const auto text = codec.encode(list_kind::events, workspace_id{1}, {7, 9});
  for (std::size_t at = 0; at < text.size(); ++at)
    for (unsigned bit = 0; bit < 8; ++bit) {
      auto changed = text;
      changed[at] = static_cast<char>(static_cast<unsigned char>(changed[at])
                                      ^ (1U << bit));
      CHECK_FALSE(codec.decode(list_kind::events, workspace_id{1}, changed));
    }
  for (const auto& wrong : {std::string{}, std::string{"cur_"}, text.substr(1),
                            text + "0", text + text})
    CHECK_FALSE(codec.decode(list_kind::events, workspace_id{1}, wrong));
}
