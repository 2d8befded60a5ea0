#include "http/tracking_token.hpp"

#include <catch2/catch.hpp>

using namespace troupe;
using namespace troupe::http;

namespace {

messages::message_origin origin() {
  messages::message_origin from;
  from.workspace = engine::workspace_id{7};
  from.contact = engine::contact_id{0xFE00'0000'0000'0001};
  from.channel = engine::destination_id{300};
  from.turn = engine::position{1ULL << 40};
  from.ordinal = 3;
  from.at = engine::timestamp{engine::duration{1'700'000'000'123'456}};
  from.sequence = "welcome";
  from.node = "hello";
  from.category = "news";
  return from;
}

const tracking_codec codec{std::string(32, 's')};

} // namespace

TEST_CASE("B45 a link brings back what it was made of", "[http][links]") {
  const auto from = origin();
  const auto token
    = codec.encode(link_kind::click, from, "https://a.example/?q=ü&b=1");
  const auto link = codec.decode(link_kind::click, token);
  REQUIRE(link);
  CHECK(link->url == "https://a.example/?q=ü&b=1");
  CHECK(link->origin.workspace == from.workspace);
  CHECK(link->origin.contact == from.contact);
  CHECK(link->origin.channel == from.channel);
  CHECK(link->origin.turn == from.turn);
  CHECK(link->origin.ordinal == from.ordinal);
  CHECK(link->origin.at == from.at);
  CHECK(link->origin.sequence == from.sequence);
  CHECK(link->origin.node == from.node);
  CHECK(link->origin.category == from.category);
}

TEST_CASE("B45 a link that was changed anywhere, is of another kind or of "
          "another installation is none",
          "[http][links]") {
  const auto token
    = codec.encode(link_kind::click, origin(), "https://a.example");
  CHECK_FALSE(codec.decode(link_kind::open, token));
  CHECK_FALSE(codec.decode(link_kind::unsubscribe, token));
  CHECK_FALSE(
    tracking_codec{std::string(32, 't')}.decode(link_kind::click, token));
  for (std::size_t i = 0; i < token.size(); ++i) {
    auto other = token;
    other[i] = other[i] == 'A' ? 'B' : 'A';
    INFO(i);
    CHECK_FALSE(codec.decode(link_kind::click, other));
  }
  for (std::size_t size = 0; size < token.size(); ++size)
    CHECK_FALSE(codec.decode(link_kind::click, token.substr(0, size)));
  CHECK_FALSE(codec.decode(link_kind::click, token + "A"));
  CHECK_FALSE(codec.decode(link_kind::click, std::string(1'000'000, 'A')));
  CHECK_FALSE(codec.decode(link_kind::click, "!" + token));
}

TEST_CASE("texts that are too long for a link are cut, not mixed up",
          "[http][links]") {
  auto from = origin();
  from.sequence = std::string(300, 's');
  const auto link
    = codec.decode(link_kind::open, codec.encode(link_kind::open, from));
  REQUIRE(link);
  CHECK(link->origin.sequence == std::string(255, 's'));
  CHECK(link->origin.category == "news");
}
