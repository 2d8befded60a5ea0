#include "engine/mailbox.hpp"

#include <catch2/catch.hpp>

using namespace troupe::engine;

TEST_CASE("a mailbox is an address with or without a name", "[mailbox]") {
  const auto bare = parse_mailbox("ada@example.org");
  REQUIRE(bare);
  CHECK(bare->name.empty());
  CHECK(bare->address == "ada@example.org");
  const auto named = parse_mailbox("Ada Lovelace <Ada@Example.org>");
  REQUIRE(named);
  CHECK(named->name == "Ada Lovelace");
  CHECK(named->address == "Ada@example.org");
  const auto quoted = parse_mailbox("\"Lovelace, Ada\" <ada@example.org>");
  REQUIRE(quoted);
  CHECK(quoted->name == "Lovelace, Ada");
  CHECK(parse_mailbox("Zoë <z@bücher.example>")->address
        == "z@xn--bcher-kva.example");
}

TEST_CASE("an address that is more than one address, or none, is none",
          "[mailbox]") {
  for (const auto* text :
       {"", "ada", "@example.org", "ada@", "ada@@example.org",
        "a b@example.org", "ada@example.org, bea@example.org",
        "ada@example.org>", "<ada@x.org",
        "ada@example.org\r\nBcc: eve@example.org", "ad\na@example.org",
        "\"a b\"@example.org", ".ada@example.org", "a..b@example.org",
        "ada@exa mple.org", "zoë@example.org", "ada<eve>@example.org"}) {
    INFO(text);
    CHECK_FALSE(mail_address(text));
    CHECK_FALSE(parse_mailbox(text));
  }
  CHECK_FALSE(parse_mailbox("Ada\r\nBcc: eve@example.org <a@example.org>"));
  CHECK_FALSE(mail_address(std::string(65, 'a') + "@example.org"));
}
