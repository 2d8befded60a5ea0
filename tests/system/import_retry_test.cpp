// An import whose server does not take everything at once: what is tried again,
// what ends it, and how it goes on.
#include "tests/support/receiver.hpp"
#include "tests/support/tested_binary.hpp"
#include "tests/system/importing.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <set>

using namespace troupe::test;

namespace json = boost::json;

namespace {

// Plays a server: gives the answers in their order, then takes everything. An
// empty answer is a connection that is cut.
class scripted_server {
public:
  explicit scripted_server(std::vector<std::string> answers)
    : answers_(std::move(answers)) {}

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(receiver_.port());
  }

  /// Of all requests so far.
  std::vector<std::string> bodies() {
    const std::lock_guard lock{mutex_};
    return bodies_;
  }

private:
  void play(connection& peer) {
    for (auto request = peer.read_request(); !request.empty();
         request = peer.read_request()) {
      const auto answer = answer_to(request);
      if (answer.empty())
        peer.reset_on_close();
      if (answer.empty() || !peer.write(answer)
          || answer.find("Connection: close") != answer.npos)
        return;
    }
  }

  std::string answer_to(const std::string& request) {
    const std::lock_guard lock{mutex_};
    bodies_.push_back(request.substr(request.find("\r\n\r\n") + 4));
    if (bodies_.size() <= answers_.size())
      return answers_[bodies_.size() - 1];
    const auto& body = bodies_.back();
    return response(200, "Content-Type: application/json\r\n",
                    json::serialize(json::object{
                      {"accepted", std::count(body.begin(), body.end(), '\n')},
                      {"duplicates", 0},
                      {"rejected", 0},
                      {"lines", json::array{}}}));
  }

  std::vector<std::string> answers_;
  std::mutex mutex_;
  std::vector<std::string> bodies_;
  receiver receiver_{[this](connection& peer) {
    play(peer);
  }}; // last: its threads use the rest
};

std::string refusal(int status, const std::string& code,
                    const std::string& fields = {}) {
  return response(status, fields + "Content-Type: application/problem+json\r\n",
                  R"({"code":")" + code + R"(","detail":"not )" + code + "\"}");
}

class import_retry : protected importing {
protected:
  command_result import_to(const scripted_server& server,
                           const std::string& file) {
    return run_troupe({"import", file, "--batch", "2"},
                      {"TROUPE_API_URL=" + server.url(), "TROUPE_API_KEY=k"});
  }

  // How long each pause was, as the import tells it.
  static std::vector<std::int64_t> pauses(const std::string& errors) {
    std::vector<std::int64_t> out;
    std::istringstream in{errors};
    for (std::string line; std::getline(in, line);) {
      json::error_code failure;
      const auto told = json::parse(line, failure);
      if (!failure && told.as_object().contains("again_in_seconds"))
        out.push_back(told.at("again_in_seconds").as_int64());
    }
    return out;
  }
};

} // namespace

TEST_CASE_METHOD(import_retry,
                 "what a server does not take now is sent again as it was, "
                 "after the time it asked for",
                 "[system][import_retry]") {
  struct row {
    const char* name;
    std::string answer;
    std::int64_t pause;
  };
  const auto each = GENERATE(values<row>({
    {"in progress", refusal(409, "idempotency_key_in_progress"), 1},
    {"too many", refusal(429, "rate_limit_exceeded", "Retry-After: 2\r\n"), 2},
    {"overloaded", refusal(503, "overloaded", "Retry-After: 2\r\n"), 2},
    {"overloaded, without a time", refusal(503, "overloaded"), 1},
    {"broken", refusal(500, "internal"), 1},
    {"of a proxy", response(502, {}, "<html>Bad Gateway</html>"), 1},
    {"cut", "", 1},
    {"cut in the middle",
     "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100\r\n"
     "\r\n{\"accepted\":",
     1},
  }));
  INFO(each.name);
  // What comes next is not sent again by the transport itself.
  const auto taken
    = response(200, "Connection: close\r\n", R"({"accepted":2,"lines":[]})");
  scripted_server server{{taken, each.answer}};
  const auto file = write("e.ndjson", joined(many_lines(5), 0, 5));
  const auto done = import_to(server, file);
  INFO(done.output << done.errors);
  CHECK(done.code == 0);
  CHECK(json::parse(done.output).at("accepted") == 5);
  CHECK(pauses(done.errors) == std::vector{each.pause});
  const auto bodies = server.bodies();
  REQUIRE(bodies.size() == 4);
  CHECK(bodies[1] == bodies[2]);
  CHECK(bodies[0] + bodies[2] + bodies[3] == read("e.ndjson"));
  CHECK_FALSE(std::filesystem::exists(file + ".troupe-import"));
}

TEST_CASE_METHOD(import_retry,
                 "pauses grow while a server does not say how long to wait",
                 "[system][import_retry]") {
  const auto no = refusal(503, "overloaded");
  scripted_server server{
    {no, no, refusal(503, "overloaded", "Retry-After: 1\r\n")}};
  const auto done
    = import_to(server, write("e.ndjson", joined(many_lines(1), 0, 1)));
  CHECK(done.code == 0);
  CHECK(pauses(done.errors) == std::vector<std::int64_t>{1, 2, 1});
}

TEST_CASE_METHOD(import_retry,
                 "what another try does not change ends an import, which goes "
                 "on from there",
                 "[system][import_retry]") {
  const auto answer = GENERATE(
    refusal(400, "format_unknown"), refusal(403, "scope_missing"),
    refusal(409, "idempotency_key_mismatch"), refusal(413, "body_too_large"),
    // Longer than anybody is patient.
    refusal(503, "overloaded", "Retry-After: 86400\r\n"));
  const auto taken = response(200, {}, R"({"accepted":2,"lines":[]})");
  scripted_server server{{taken, answer}};
  const auto file = write("e.ndjson", joined(many_lines(5), 0, 5));
  const auto done = import_to(server, file);
  INFO(done.output << done.errors);
  CHECK(done.code == 1);
  CHECK(pauses(done.errors).empty());
  CHECK(server.bodies().size() == 2);
  CHECK(done.errors.find("--resume") != std::string::npos);
  CHECK(json::parse(read("e.ndjson.troupe-import")).at("next_line") == 3);
  const auto rest
    = run_troupe({"import", file, "--batch", "2", "--resume"},
                 {"TROUPE_API_URL=" + server.url(), "TROUPE_API_KEY=k"});
  CHECK(rest.code == 0);
  CHECK(json::parse(rest.output).at("accepted") == 5);
  const auto bodies = server.bodies();
  REQUIRE(bodies.size() == 4);
  CHECK(bodies[0] + bodies[2] + bodies[3] == read("e.ndjson"));
}

TEST_CASE_METHOD(import_retry,
                 "a key that is revoked in the middle ends an import; with "
                 "another one it goes on, and nothing is taken twice",
                 "[system][import_retry]") {
  const auto lines = many_lines(1600);
  const auto file = path("many");
  const auto key = make_key(own.api, R"(["events:write"])");
  const auto with = [&](const api_answer& made) {
    return std::vector<std::string>{"TROUPE_API_URL=http://127.0.0.1:"
                                      + std::to_string(shared_server().port()),
                                    "TROUPE_API_KEY=" + made.text("/key")};
  };
  {
    named_pipe pipe{file};
    process import{running(with(key), {"import", file, "--batch", "100"}),
                   path("errors")};
    pipe.write(joined(lines, 0, 1050));
    REQUIRE(eventually([&] {
      return read("many.troupe-import").find("\"next_line\":1001")
             != std::string::npos;
    }));
    REQUIRE(own.api.send("DELETE", "/v1/keys/" + key.text("/id"), "", {}).status
            == 200);
    pipe.write(joined(lines, 1050, 1200));
    CHECK(import.wait(patience) == 1);
    const auto summary = import.read_line(patience);
    REQUIRE(summary);
    CHECK(json::parse(*summary).at("accepted") == 1000);
  }
  INFO(read("errors"));
  CHECK(read("errors").find("revoked_api_key") != std::string::npos);
  CHECK(read("errors").find("--resume goes on from here") != std::string::npos);
  CHECK(pauses(read("errors")).empty());
  std::filesystem::remove(file);
  write("many", joined(lines, 0, lines.size()));
  const auto another = make_key(own.api, R"(["events:write"])");
  const auto done
    = run_troupe({"import", file, "--batch", "100", "--resume"}, with(another));
  INFO(done.errors);
  CHECK(done.code == 0);
  CHECK(json::parse(done.output).at("accepted") == 1600);
  CHECK(json::parse(done.output).at("duplicates") == 0);
  std::set<std::int64_t> seen;
  const auto events = exported(own);
  for (const auto& each : events)
    seen.insert(each.at("metadata").at("n").as_int64());
  CHECK(events.size() == 1600);
  CHECK(seen.size() == 1600);
}

TEST_CASE_METHOD(import_retry, "an import of any size is held in little memory",
                 "[system][import_retry]") {
  // The text has 60 MiB; a sanitizer keeps what was freed.
  const std::size_t bound_kib = is_sanitized() ? 1024 * 1024 : 48 * 1024;
  constexpr std::size_t count = 300'000;
  scripted_server server{{}};
  const auto file = path("many");
  named_pipe pipe{file};
  process import{running({"TROUPE_API_URL=" + server.url(), "TROUPE_API_KEY=k"},
                         {"import", file, "--batch", "1000"}),
                 path("errors")};
  const auto filler = std::string(150, '.');
  std::string some;
  for (std::size_t i = 0; i < count; ++i) {
    some += R"({"type":"a.came","external_id":"p)" + std::to_string(i)
            + R"(","properties":{"f":")" + filler + "\"}}\n";
    if (some.size() > 60'000 || i + 1 == count)
      pipe.write(std::exchange(some, {}));
  }
  // The last thousand wait for one more line.
  REQUIRE(eventually(
    [&] {
      return read("many.troupe-import").find("\"next_line\":299001")
             != std::string::npos;
    },
    patience));
  std::ifstream status{"/proc/" + std::to_string(import.id()) + "/status"};
  std::size_t peak_kib = 0;
  for (std::string word; status >> word;)
    if (word == "VmHWM:")
      status >> peak_kib;
  CHECK(peak_kib > 0);
  CHECK(peak_kib < bound_kib);
  pipe.end();
  CHECK(import.wait(patience) == 0);
}
