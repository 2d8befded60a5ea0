#include "outbound/html_links.hpp"

#include <catch2/catch.hpp>

using namespace troupe::outbound;

namespace {

/// Every link that may be changed leads to `!`, and it is noted where it led.
std::string changed(std::string_view html, std::string* seen = nullptr) {
  return with_links(html, [&](const std::string& url) {
    if (seen != nullptr)
      *seen += url + "\n";
    return std::string{"!"};
  });
}

} // namespace

TEST_CASE("B45 links to pages are changed, however they are written",
          "[outbound][html_links]") {
  std::string seen;
  CHECK(
    changed(R"(<p>a<a class="x" href="https://a.example/?a=1&amp;b=2">b</a>)",
            &seen)
    == R"(<p>a<a class="x" href="!">b</a>)");
  CHECK(seen == "https://a.example/?a=1&b=2\n");
  CHECK(changed("<A HREF = 'http://a.example'>x</A>") == "<A HREF = '!'>x</A>");
  CHECK(changed("<a href=HTTPS://a.example/b target=_blank>")
        == "<a href=! target=_blank>");
  CHECK(changed("<a\nhref=\" https://a.example \"/>") == "<a\nhref=\"!\"/>");
  seen.clear();
  changed("<area href=\"https://a.example/&#x3D;&#61;&copy=1&lt;\">", &seen);
  CHECK(seen == "https://a.example/==&copy=1<\n");
}

TEST_CASE("B45 what is no link to a page stays byte for byte",
          "[outbound][html_links]") {
  for (const auto* html : {"",
                           "text",
                           "<",
                           "<a",
                           "<a href",
                           "<a href=",
                           "<a href=\"https://x",
                           "<a =href>",
                           "<a href>",
                           "<link href=\"https://a.example/x.css\">",
                           "<img src=\"https://a.example/x.png\">",
                           "<a href=\"mailto:a@b.c\">",
                           "<a href=\"#top\">",
                           "<a href=\"/path\">",
                           "<a href=\"\">",
                           "<a href=\"https://a b\">",
                           "<a data-href=\"https://a.example\">",
                           "<!-- <a href=\"https://a.example\"> -->",
                           "<!-- open",
                           "<a title=\"<a href='https://a.example'>\">",
                           "a < b && c > d",
                           "<abbr href=\"https://a.example\">",
                           "<a / / >",
                           "<a href=\"javascript:alert(1)\">"}) {
    INFO(html);
    const auto out = changed(html);
    if (std::string_view{html} == "<a href=\"https://x")
      CHECK(out == "<a href=\"!"); // a browser would see a link
    else
      CHECK(out == html);
  }
}

TEST_CASE("a link stays when there is nothing to put in its place",
          "[outbound][html_links]") {
  const std::string html = R"(<a href="https://a.example/?a&amp;b">x</a>)";
  CHECK(with_links(html,
                   [](const std::string&) {
                     return std::string{};
                   })
        == html);
}

TEST_CASE("B44 the picture is the last thing of the body",
          "[outbound][html_links]") {
  CHECK(with_picture("<p>x</p>", "u")
        == R"(<p>x</p><img src="u" width="1" height="1" alt="">)");
  CHECK(with_picture("<BODY>x</BODY></html>", "u")
        == R"(<BODY>x<img src="u" width="1" height="1" alt=""></BODY></html>)");
}
