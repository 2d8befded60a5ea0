#include "engine/normalise.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace troupe::engine;

TEST_CASE("G31 an e-mail key is trimmed and lower-cased", "[engine]") {
  CHECK(email_key("ADA@Example.com") == "ada@example.com");
  CHECK(email_key(" \t ada@example.com\r\n") == "ada@example.com");
  CHECK(email_key("\u00A0ada@example.com\uFEFF") == "ada@example.com");
  CHECK(email_key("a@b") == "a@b");
}

TEST_CASE("G32 Gmail dots do not count and googlemail is Gmail", "[engine]") {
  CHECK(email_key("a.d.a@gmail.com") == "ada@gmail.com");
  CHECK(email_key("A.da@GoogleMail.com") == "ada@gmail.com");
  CHECK(email_key("a.d.a+x.y@gmail.com") == "ada+xy@gmail.com");
  CHECK(email_key("a.d.a@example.com") == "a.d.a@example.com");
  CHECK(email_key("a.d.a@mail.gmail.com") == "a.d.a@mail.gmail.com");
  CHECK_FALSE(email_key("...@gmail.com"));
}

TEST_CASE("I4 one person written in two scripts' ways has one key",
          "[engine]") {
  // composed and decomposed, upper and lower
  CHECK(email_key("ÅSA@example.se") == "åsa@example.se");
  CHECK(email_key("A\u030ASA@example.se") == email_key("åsa@example.se"));
  CHECK(email_key("ΣΊΣΥΦΟΣ@example.gr") == email_key("σίσυφοσ@example.gr"));
  // the domain by TR46: case, width, ideographic full stop
  CHECK(email_key("a@MÜNCHEN.de") == "a@xn--mnchen-3ya.de");
  CHECK(email_key("a@XN--MNCHEN-3YA.de") == "a@xn--mnchen-3ya.de");
  CHECK(email_key("a@ｇｍａｉｌ。com") == "a@gmail.com");
  // no Turkish rule: I is i everywhere
  CHECK(email_key("INFO@EXAMPLE.COM") == "info@example.com");
}

TEST_CASE("what does not look like an address has no e-mail key", "[engine]") {
  const std::string text = GENERATE(
    "", "   ", "ada", "@", "ada@", "@example.com", "a@b@c", "a b@example.com",
    "a\tb@example.com", "a@exa mple.com", "a@example..com", "a@.com", "a@com.",
    "a@-x.com", "a@x-.com", "a@ex_ample.com", "a@[127.0.0.1]", "a@b,c",
    "a\x01@b.com", "a\u200B@b.com", "a\u202Eb@b.com", "a@b\u3000c.com",
    "a\xFF@b.com", "a@\xC3.com", "a@ｂ＠c.com", "a\u0085@b.com");
  CAPTURE(text);
  CHECK_FALSE(email_key(text));
  CHECK_FALSE(email_key(std::string{"a\0b@c.com", 9}));
}

TEST_CASE("an e-mail key has at most 254 bytes", "[engine]") {
  const std::string domain = "@example.com";
  CHECK(email_key(std::string(254 - domain.size(), 'x') + domain));
  CHECK_FALSE(email_key(std::string(255 - domain.size(), 'x') + domain));
  CHECK_FALSE(email_key("a@" + std::string(64, 'x') + ".com"));
  CHECK_FALSE(email_key(std::string(5000, 'x') + domain));
  CHECK(email_key(std::string(5000, ' ') + "a@b.com") == "a@b.com");
}

TEST_CASE("a phone key is E.164", "[engine]") {
  CHECK(phone_key("+442079460018") == "+442079460018");
  CHECK(phone_key(" +44 (20) 7946-0018 ") == "+442079460018");
  CHECK(phone_key("0044.20.7946.0018") == "+442079460018");
  CHECK(phone_key("(+1) 415-555-2671") == "+14155552671");
  CHECK(phone_key("+12345678") == "+12345678");
  CHECK(phone_key("+123456789012345") == "+123456789012345");
  CHECK(phone_key("00123456789012345") == "+123456789012345");
}

TEST_CASE("a number without a country is no identity", "[engine]") {
  const auto text = GENERATE(
    "", "+", "00", "020 7946 0018", "442079460018", "+1234567",
    "+1234567890123456", "001234567890123456", "+0044207946001", "++4420794600",
    "+44+2079460018", "44+2079460018", "+44 20 CALL ME", "+44/2079460018",
    "+44207946001８", "+00000000000", "000000000000");
  CAPTURE(text);
  CHECK_FALSE(phone_key(text));
}

TEST_CASE("an external id is kept as sent, in NFC", "[engine]") {
  CHECK(external_id_key("usr_123") == "usr_123");
  CHECK(external_id_key(" Usr 123 ") == " Usr 123 ");
  CHECK(external_id_key("A\u030Asa") == "Åsa");
  CHECK(anonymous_id_key("0b2c-…") == "0b2c-…");
  CHECK(external_id_key(std::string(256, 'x')));
  CHECK_FALSE(external_id_key(std::string(257, 'x')));
  CHECK_FALSE(external_id_key(""));
  CHECK_FALSE(external_id_key("a\nb"));
  CHECK_FALSE(external_id_key("a\x7F"));
  CHECK_FALSE(external_id_key("a\u0090"));
  CHECK_FALSE(external_id_key("a\xC0\x80"));
  CHECK_FALSE(external_id_key("\xED\xA0\x80"));
  CHECK_FALSE(external_id_key(std::string_view{"a\0", 2}));
}

TEST_CASE("G30 placeholders never identify anyone", "[engine]") {
  const auto text = GENERATE(
    "", "  ", "\u00A0", "null", "NULL", " Null ", "undefined", "None", "nil",
    "NaN", "0", "-1", "00000", "0.0", "anonymous", "Guest", "true", "FALSE",
    "[object Object]", "00000000-0000-0000-0000-000000000000",
    "{00000000-0000-0000-0000-000000000000}",
    "00000000000000000000000000000000000000000000000000");
  CAPTURE(text);
  CHECK(is_placeholder(text));
}

TEST_CASE("real identities are no placeholders", "[engine]") {
  const auto text = GENERATE(
    "usr_123", "1", "-2", "10", "nullable", "guest1", "ada@example.com", "-",
    "00000000-0000-0000-0000-000000000001", "+442079460018", "Nan Goldin");
  CAPTURE(text);
  CHECK_FALSE(is_placeholder(text));
}

namespace {

/// Text with a taste for what breaks normalisers.
std::string random_text(std::mt19937_64& random) {
  static const char* const pieces[] = {"a",
                                       "B",
                                       "z",
                                       "0",
                                       "00",
                                       "+",
                                       "@",
                                       ".",
                                       "-",
                                       " ",
                                       "(",
                                       "\t",
                                       "gmail.com",
                                       "@gmail.com",
                                       "@GoogleMail.com",
                                       "xn--",
                                       "é",
                                       "e\u0301",
                                       "É",
                                       "İ",
                                       "ı",
                                       "ß",
                                       "ẞ",
                                       "Σ",
                                       "ς",
                                       "ﬁ",
                                       "Ǆ",
                                       "\u0345",
                                       "\u0307",
                                       "Å",
                                       "Ω",
                                       "한",
                                       "\u1112\u1161",
                                       "。",
                                       "．",
                                       "＠",
                                       "ａ",
                                       "\u00AD",
                                       "\u200D",
                                       "👩‍💻",
                                       "\u0130\u0307",
                                       "\xC3",
                                       "\xFF",
                                       "\u03B9\u0308\u0301",
                                       "Ϊ́",
                                       "@b.co"};
  std::uniform_int_distribution<std::size_t> piece{0, std::size(pieces) - 1};
  std::uniform_int_distribution<int> count{0, 12};
  std::string text;
  for (int n = count(random); n > 0; --n)
    text += pieces[piece(random)];
  return text;
}

} // namespace

TEST_CASE("I4 the key of a key is that key", "[engine]") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  int keys = 0;
  for (int i = 0; i < 50'000; ++i) {
    const auto text = random_text(random) + (i % 2 == 0 ? "@x.org" : "");
    CAPTURE(text);
    for (auto* key_of : {&email_key, &phone_key, &external_id_key})
      if (const auto key = key_of(text)) {
        ++keys;
        if (key_of(*key) != key) // CHECK is too slow for every round
          CHECK(key_of(*key) == key);
      }
  }
  CHECK(keys > 10'000);
}

TEST_CASE("I4 what the dots of a Gmail address kept apart composes",
          "[engine]") {
  const auto key = email_key("a.\xCC\x87.\xED\x95\x9C@GoogleMail.com");
  REQUIRE(key);
  CHECK(email_key(*key) == key);
}
