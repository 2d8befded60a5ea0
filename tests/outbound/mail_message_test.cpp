#include "outbound/mail_message.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <sstream>

using namespace troupe;
using namespace troupe::outbound;

namespace {

mail_message message() {
  mail_message made;
  made.from = {"News", "news@example.org"};
  made.to = "ada@example.com";
  made.subject = "Hello";
  made.text = "Hi\n";
  made.message_id = "dlv_1@example.org";
  made.date = std::chrono::sys_seconds{std::chrono::seconds{1'000'000'000}};
  return made;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::size_t begin = 0;
  for (auto end = text.find("\r\n"); end != text.npos;
       end = text.find("\r\n", begin)) {
    out.push_back(text.substr(begin, end - begin));
    begin = end + 2;
  }
  return out;
}

/// Names of the headers, as a server reads them.
std::vector<std::string> header_names(const std::string& text) {
  std::vector<std::string> out;
  for (const auto& line : lines_of(text.substr(0, text.find("\r\n\r\n") + 2)))
    if (line.front() != ' ')
      out.push_back(line.substr(0, line.find(':')));
  return out;
}

bool is_clean(const std::string& text) {
  for (const auto& line : lines_of(text))
    if (line.size() > 998 || std::any_of(line.begin(), line.end(), [](char c) {
          return c < ' ' || c > '~';
        }))
      return false;
  return text.ends_with("\r\n");
}

} // namespace

TEST_CASE("B43 a message of one part is written as RFC 5322 has it",
          "[outbound][mail]") {
  CHECK(to_mime(message())
        == "Date: Sun, 09 Sep 2001 01:46:40 +0000\r\n"
           "From: News\r\n <news@example.org>\r\n"
           "To: ada@example.com\r\n"
           "Subject: Hello\r\n"
           "Message-ID: <dlv_1@example.org>\r\n"
           "MIME-Version: 1.0\r\n"
           "Content-Type: text/plain; charset=utf-8\r\n"
           "Content-Transfer-Encoding: quoted-printable\r\n"
           "\r\n"
           "Hi\r\n\r\n");
}

TEST_CASE("B43 text and html are alternatives, the html last",
          "[outbound][mail]") {
  auto made = message();
  made.html = "<p>Grüße</p>";
  const auto text = to_mime(made);
  CHECK(is_clean(text));
  CHECK_THAT(text, Catch::Contains("Content-Type: multipart/alternative"));
  const auto plain = text.find("text/plain");
  const auto html = text.find("text/html");
  REQUIRE(html != text.npos);
  CHECK(plain < html);
  CHECK_THAT(text, Catch::Contains("<p>Gr=C3=BC=C3=9Fe</p>"));
  CHECK_THAT(text, Catch::EndsWith("--=_troupe_alternative--\r\n"));
}

TEST_CASE("B47 a message that can be unsubscribed from says so as RFC 8058 has "
          "it",
          "[outbound][mail]") {
  auto made = message();
  made.unsubscribe_url = "https://t.example.org/t/u/abc";
  const auto text = to_mime(made);
  CHECK_THAT(text, Catch::Contains(
                     "List-Unsubscribe: <https://t.example.org/t/u/abc>\r\n"
                     "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
}

TEST_CASE("no part of a message makes a header", "[outbound][mail]") {
  const auto expected = header_names(to_mime(message()));
  const std::string evil = "x\r\nBcc: eve@example.org\r\n\r\nbody\n.\n";
  auto made = message();
  made.subject = evil;
  made.from.name = evil;
  CHECK(header_names(to_mime(made)) == expected);
  CHECK(is_clean(to_mime(made)));
  made = message();
  made.message_id = evil;
  made.unsubscribe_url = "https://a.example/\r\nBcc: eve@example.org";
  const auto names = header_names(to_mime(made));
  CHECK(std::count(names.begin(), names.end(), "Bcc") == 0);
  CHECK(std::count(names.begin(), names.end(), "List-Unsubscribe") == 0);
}

TEST_CASE(
  "a header that is not plain is made of encoded words, each with whole "
  "characters",
  "[outbound][mail]") {
  CHECK(header_text("plain words") == "plain words");
  CHECK(header_text("Grüße") == "=?UTF-8?B?R3LDvMOfZQ==?=");
  CHECK(header_text("=?UTF-8?B?eA==?=")
        == "=?UTF-8?B?PT9VVEYtOD9CP2VBPT0/PQ==?=");
  std::string text;
  for (int i = 0; i < 100; ++i)
    text += "ü€😀x"; // of two, three, four and one bytes
  const auto written = header_text(text);
  for (const auto& line : lines_of(written + "\r\n")) {
    CHECK(line.size() <= 76);
    // A word that ends within a character would have other bytes at its ends.
    CHECK(line.find("=?UTF-8?B?") != line.npos);
  }
  CHECK(header_text("a\tb\x01") == "a b ");
}

TEST_CASE("quoted-printable keeps lines short and what servers change safe",
          "[outbound][mail]") {
  CHECK(quoted_printable("a = b") == "a =3D b");
  CHECK(quoted_printable("one\ntwo\r\nthree\rfour")
        == "one\r\ntwo\r\nthree\r\nfour");
  CHECK(quoted_printable("end \n.\nFrom x") == "end=20\r\n=2E\r\n=46rom x");
  const auto longest
    = quoted_printable(std::string(500, 'a') + std::string(500, '='));
  for (const auto& line : lines_of(longest + "\r\n"))
    CHECK(line.size() <= 76);
  CHECK(quoted_printable(std::string("a\0b", 3)) == "a=00b");
}
