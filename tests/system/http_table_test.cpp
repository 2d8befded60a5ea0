// The requests of tables/http_requests.txt, sent to the real binary in one
// piece and in many, and changed at random: how many answers there are, which,
// and whether the connection goes on is never left to the pieces (H1–H10).
#include "tests/system/strict_requests.hpp"
#include "tests/system/text_table.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <sstream>

using namespace troupe::test;
using namespace std::string_literals;

namespace {

/// What stands behind every request, and is known by its id.
const std::string sound_request
  = "GET /healthz HTTP/1.1\r\nHost: troupe\r\nX-Request-Id: sound\r\n"
    "Connection: close\r\n\r\n";

struct expected {
  std::vector<std::string> answers; // "404", "400/501", "200h"
  bool ends = false;                // the sound request is not answered
  bool says_so = false;             // with "Connection: close"
  bool in_pieces = true;
};

expected read_expected(const std::string& verdict) {
  expected out;
  std::istringstream words{verdict};
  for (std::string word; words >> word;) {
    if (word == "~") {
      out.in_pieces = false;
      continue;
    }
    if (word.back() == '!' || word == "-") {
      out.ends = true;
      out.says_so = word != "-";
      word.pop_back();
    }
    const auto star = word.find('*');
    const auto times = star == word.npos ? 1 : std::stoi(word.substr(star + 1));
    for (int i = 0; i < times && !word.empty(); ++i)
      out.answers.push_back(word.substr(0, star));
  }
  return out;
}

void replace_all(std::string& text, const std::string& from,
                 const std::string& to) {
  for (auto at = text.find(from); at != text.npos;
       at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

std::string unescaped(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes += text[i];
      continue;
    }
    switch (text[++i]) {
      case 'r':
        bytes += '\r';
        break;
      case 'n':
        bytes += '\n';
        break;
      case 't':
        bytes += '\t';
        break;
      case '0':
        bytes += '\0';
        break;
      case 'x':
        bytes
          += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
        i += 2;
        break;
      default:
        bytes += text[i];
    }
  }
  return bytes;
}

/// The bytes that a row of the table means.
std::string written_out(std::string text, const std::string& event) {
  std::ostringstream digits;
  digits << std::hex << std::uppercase << event.size();
  replace_all(text, "¶", "\r\n");
  auto bytes = with_repeats(unescaped(text), "{", '}');
  const auto key = "Authorization: Bearer " + shared_server().key() + "\r\n";
  const auto json = "Content-Type: application/json\r\n"s;
  replace_all(bytes, "{P}", "POST /v1/events HTTP/1.1\r\n{H}{K}{J}");
  replace_all(bytes, "{G}", line + host);
  replace_all(bytes, "{H}", host);
  replace_all(bytes, "{K}", key);
  replace_all(bytes, "{J}", json);
  replace_all(bytes, "{X}", digits.str());
  replace_all(bytes, "{N}", std::to_string(event.size()));
  replace_all(bytes, "{E}", event);
  return bytes;
}

struct outcome {
  std::vector<raw_answer> answers; // without 100, and without the sound one's
  bool sound_is_answered = false;
  bool is_over = false;
};

/// Sends the bytes in so many pieces, a sound request behind them and the end
/// of sending; reads what there is to read.
outcome outcome_of(const std::string& bytes, std::size_t pieces,
                   const std::vector<std::string>& answers = {}) {
  raw_client client{shared_server().port()};
  const auto all = bytes + sound_request;
  const auto size = std::max<std::size_t>(1, all.size() / pieces);
  for (std::size_t at = 0; at < all.size(); at += size)
    if (!client.send(std::string_view{all}.substr(at, size)))
      break; // it has heard enough
  client.end_sending();
  outcome got;
  while (!got.sound_is_answered) {
    const auto next_one = got.answers.size();
    const auto is_bare
      = next_one < answers.size() && answers[next_one].back() == 'h';
    auto answer = client.receive(!is_bare);
    if (answer.status == 0)
      break;
    if (answer.status == 100)
      continue;
    const auto id = answer.headers.find("x-request-id");
    if (id != answer.headers.end() && id->second == "sound")
      got.sound_is_answered = true;
    else
      got.answers.push_back(std::move(answer));
  }
  got.is_over = client.is_closed();
  return got;
}

bool is_one_of(int status, const std::string& alternatives) {
  return alternatives.find(std::to_string(status)) != alternatives.npos;
}

/// What every answer has, whatever was asked.
void is_well_formed(const raw_answer& answer, bool is_bare) {
  const auto& fields = answer.headers;
  CHECK(fields.count("date") == 1);
  CHECK(fields.count("x-request-id") == 1);
  CHECK(fields.count("content-length") + fields.count("transfer-encoding")
        == (answer.status == 204 ? 0 : 1));
  if (answer.status >= 400) {
    CHECK(fields.at("content-type") == "application/problem+json");
    CHECK((is_bare || answer.body.find("\"code\":") != std::string::npos));
  }
  CHECK((answer.status != 405 || fields.count("allow") == 1));
  CHECK((answer.status != 401 || fields.count("www-authenticate") == 1));
}

bool says_close(const raw_answer& answer) {
  const auto found = answer.headers.find("connection");
  return found != answer.headers.end() && found->second == "close";
}

void check(const expected& wanted, const outcome& got) {
  CHECK(got.is_over);
  CHECK(got.sound_is_answered == !wanted.ends);
  REQUIRE(got.answers.size() == wanted.answers.size());
  for (std::size_t i = 0; i < got.answers.size(); ++i) {
    const auto is_last = i + 1 == got.answers.size();
    CHECK(is_one_of(got.answers[i].status, wanted.answers[i]));
    CHECK(says_close(got.answers[i]) == (is_last && wanted.says_so));
    is_well_formed(got.answers[i], wanted.answers[i].back() == 'h');
  }
}

std::size_t accepted(const outcome& of) {
  return static_cast<std::size_t>(
    std::count_if(of.answers.begin(), of.answers.end(), [](const auto& each) {
      return each.status == 200 && each.body.starts_with(R"({"id":"evt_)");
    }));
}

std::size_t stored_of(const std::string& who) {
  auto api = shared_server().client();
  std::size_t count = 0;
  std::string cursor;
  while (true) {
    const auto page
      = api.get("/v1/events?limit=100&contact[external_id]=" + who + cursor);
    count += page.at("/data").as_array().size();
    if (!page.at("/has_more").as_bool())
      return count;
    cursor = "&cursor=" + page.text("/next_cursor");
  }
}

/// A key that was changed is soon one too many.
int known(const raw_answer& answer) {
  return answer.status == 429 ? 401 : answer.status;
}

/// One to three changes that a proxy might make, or a liar.
std::string changed(std::string bytes, std::mt19937& random) {
  const auto below = [&](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>{0, bound - 1}(random);
  };
  static const std::vector<std::string> odd{"\r",
                                            "\n",
                                            "\r\n",
                                            "\r\n\r\n",
                                            " ",
                                            "\t",
                                            ":",
                                            ";",
                                            ",",
                                            "0",
                                            "5",
                                            "-",
                                            "\0"s,
                                            "\x0b",
                                            "\x7f",
                                            "\xff",
                                            "Content-Length: 5\r\n",
                                            "Transfer-Encoding: chunked\r\n",
                                            "Host: other\r\n",
                                            " HTTP/1.1\r\n",
                                            "0\r\n\r\n",
                                            "Expect: 100-continue\r\n",
                                            "GET / HTTP/1.1\r\n"};
  for (auto left = 1 + below(3); left > 0 && !bytes.empty(); --left) {
    const auto at = below(bytes.size());
    switch (below(5)) {
      case 0:
        bytes.erase(at, 1 + below(4));
        break;
      case 1:
        bytes.insert(at, odd[below(odd.size())]);
        break;
      case 2:
        bytes[at] = static_cast<char>(below(256));
        break;
      case 3:
        bytes.insert(at, bytes.substr(below(bytes.size()), 20));
        break;
      default:
        bytes[at] = static_cast<char>(bytes[at] ^ 0x20);
    }
  }
  return bytes;
}

} // namespace

TEST_CASE("H1 H2 H5 H6 H8 H9 H10 every request of the table is answered as it "
          "says, in one piece and in many",
          "[system][http_table]") {
  const auto who = fresh("usr_table_");
  const auto event = event_body("table.sent", by_external_id(who));
  std::size_t kept = 0;
  for (const auto& row : read_table("http_requests.txt")) {
    const auto wanted = read_expected(row.verdict);
    const auto bytes = written_out(row.text, event);
    for (const std::size_t pieces : {1U, 300U}) {
      if (pieces > 1 && !wanted.in_pieces)
        continue;
      INFO(row.name << " in " << pieces << "\n" << bytes.substr(0, 300));
      const auto got = outcome_of(bytes, pieces, wanted.answers);
      check(wanted, got);
      kept += accepted(got);
    }
  }
  CHECK(kept > 50);
  CHECK(stored_of(who) == kept);
}

TEST_CASE("H1 what is changed at random is one thing, however it comes",
          "[system][http_table]") {
  const auto who = fresh("usr_changed_");
  const auto event = event_body("table.sent", by_external_id(who));
  std::vector<std::string> rows;
  for (const auto& row : read_table("http_requests.txt"))
    if (auto bytes = written_out(row.text, event);
        bytes.size() < 2'000
        && row.verdict.find_first_of("h~") == row.verdict.npos)
      rows.push_back(std::move(bytes));
  std::mt19937 random{20'261'123};
  for (int i = 0; i < 1'500; ++i) {
    const auto bytes = changed(rows[random() % rows.size()], random);
    INFO(i << "\n" << bytes);
    // It may have become a HEAD, whose answers are read another way.
    if (bytes.find("HEAD") != bytes.npos)
      continue;
    const auto whole = outcome_of(bytes, 1);
    const auto pieces = outcome_of(bytes, 40);
    CHECK(whole.is_over);
    CHECK(pieces.is_over);
    CHECK(whole.sound_is_answered == pieces.sound_is_answered);
    REQUIRE(whole.answers.size() == pieces.answers.size());
    for (std::size_t k = 0; k < whole.answers.size(); ++k) {
      CHECK(known(whole.answers[k]) == known(pieces.answers[k]));
      CHECK(whole.answers[k].status != 500);
      is_well_formed(whole.answers[k], false);
      // Nothing is answered behind a doubt.
      const auto is_last
        = k + 1 == whole.answers.size() && !whole.sound_is_answered;
      CHECK((whole.answers[k].status != 400 || is_last));
      CHECK((!says_close(whole.answers[k]) || is_last));
    }
  }
}

TEST_CASE("H1 a first line without a version is refused before anything "
          "follows it",
          "[system][http_table]") {
  for (const std::string bytes : {"GET /healthz\r\n", "GET /\n", "hello\r\n"}) {
    raw_client client{shared_server().port()};
    CHECK(client.ask(bytes).status == 400);
    CHECK(client.is_closed());
  }
}

TEST_CASE("H2 nothing is answered behind an answer that is a stream",
          "[system][http_table]") {
  raw_client client{shared_server().port()};
  client.send(keyed("GET /v1/events/export") + "\r\n" + next + next);
  const auto answer = client.receive(false);
  CHECK(answer.status == 200);
  CHECK(answer.headers.at("connection") == "close");
  CHECK(client.receive_until("0\r\n\r\n").find("HTTP/1.1")
        == std::string::npos);
  CHECK(client.is_closed());
}
