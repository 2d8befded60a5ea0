// `troupe import`: what of a file is taken, and how it looks then.
#include "engine/time.hpp"
#include "tests/support/tested_binary.hpp"
#include "tests/support/webhook_sink.hpp"
#include "tests/system/door_requests.hpp"
#include "tests/system/importing.hpp"

#include <zstd.h>

#include <csignal>
#include <filesystem>
#include <set>

using namespace troupe;
using namespace troupe::test;

namespace {

std::string packed_by_zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(
    ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::string year_ago() {
  return engine::to_iso8601(std::chrono::time_point_cast<engine::duration>(
                              std::chrono::system_clock::now())
                            - std::chrono::days{500});
}

} // namespace

TEST_CASE_METHOD(importing,
                 "files are imported as they are, as gzip and as zstd, "
                 "and nothing twice",
                 "[system][import]") {
  const auto text
    = line(
        "a.came",
        R"(,"metadata":{"camelCase":[null,1]},"occurred_at":"2020-05-01T10:00:00Z","message_id":"m1")")
      + "\n" + line("b.came", R"(,"timestamp":1588327200)") + line("b.came");
  const auto first = imported({write("e.ndjson", text)});
  CHECK(first.at("lines") == 3);
  CHECK(first.at("accepted") == 3);
  CHECK_FALSE(std::filesystem::exists(path("e.ndjson.troupe-import")));
  // The same text is the same import, however it is packed.
  for (const auto& file :
       {write("e.ndjson.gz", compressed(text, 31)),
        write("e.ndjson.zst", packed_by_zstd(text)), path("e.ndjson")}) {
    const auto again = imported({file});
    CHECK(again.at("accepted") == 0);
    CHECK(again.at("duplicates") == 3);
  }
  const auto events = exported(own);
  REQUIRE(events.size() == 3);
  CHECK(events[0].at("message_id") == "m1");
  CHECK(events[0].at("occurred_at") == "2020-05-01T10:00:00.000Z");
  CHECK(events[0].at("metadata").at("camelCase").at(1) == 1);
  CHECK(events[0].at("door") == "import");
  CHECK(events[1].at("occurred_at") == "2020-05-01T10:00:00.000Z");
  // Two parts one after the other are one text; half of one is damaged.
  const auto half = compressed(line("c.came"), 31);
  CHECK(imported({write("two.gz", half + half)}).at("lines") == 2);
  const auto cut
    = troupe({"import", write("cut.gz", half.substr(0, half.size() - 9))});
  CHECK(cut.code == 1);
  CHECK(cut.errors.find("file_damaged") != std::string::npos);
}

TEST_CASE_METHOD(importing, "a table is imported by its columns",
                 "[system][import]") {
  const auto file = write(
    "e.csv",
    "\xEF\xBB\xBF"
    "event,user_id,email,phone,total,note,timestamp,properties.plan\r\n"
    "order.paid,"
      + user
      + ",ada@example.com,'+442079460018,4.5,\"two\r\nlines, \"\"q\"\"\","
        "2021-01-01T00:00:00Z,pro\r\n"
        "order.paid,"
      + user + ",,,007,,,\r\n");
  CHECK(imported({file}).at("accepted") == 2);
  const auto events = exported(own);
  REQUIRE(events.size() == 2);
  CHECK(events[0].at("metadata")
        == boost::json::parse(
          R"({"total":4.5,"note":"two\r\nlines, \"q\"","plan":"pro"})"));
  CHECK(events[1].at("metadata").at("total") == "007");
  const auto contact = contact_of(own.api, user);
  CHECK(contact.text("/email") == "ada@example.com");
  CHECK(contact.text("/phone") == "+442079460018");
  // People of another product: a column is who it is, the others attributes.
  const auto people = write("people.csv", "id,plan,seats\nu9,gold,12\n");
  CHECK(imported({people, "--type", "$identify", "--map", "id=external_id"})
          .at("accepted")
        == 1);
  CHECK(contact_of(own.api, "u9").text("/attributes/plan") == "gold");
  CHECK(contact_of(own.api, "u9").number("/attributes/seats") == 12);
  CHECK(troupe({"import", people}).errors.find("columns_invalid")
        != std::string::npos);
}

TEST_CASE_METHOD(importing,
                 "what is wrong goes into the file of rejects, and the "
                 "rest is taken",
                 "[system][import]") {
  const auto text = line("a.came") + "{\"type\":\n"
                    + R"({"type":"a.came"})"
                      "\n"
                    + line("a.came", R"(,"occurred_at":"soon")");
  const auto file = write("e.ndjson", text);
  const auto dry = imported({file, "--dry-run", "--rejects", path("dry")}, 1);
  CHECK(dry.at("accepted") == 1);
  CHECK(dry.at("rejected") == 3);
  CHECK(exported(own).empty());
  const auto done = imported({file, "--rejects", path("rejects")}, 1);
  CHECK(done.at("accepted") == 1);
  CHECK(done.at("rejected") == 3);
  CHECK(read("dry") == read("rejects"));
  const auto told = rejects("rejects");
  REQUIRE(told.size() == 3);
  CHECK(told[0].at("line") == 2);
  CHECK(told[0].at("offset")
        == static_cast<std::int64_t>(line("a.came").size()));
  CHECK(told[0].at("error").at("code") == "body_invalid_json");
  CHECK(told[0].at("input") == "{\"type\":");
  CHECK(told[1].at("error").at("code") == "contact_required");
  CHECK(told[2].at("error").at("pointer") == "/occurred_at");
  CHECK(exported(own).size() == 1);
  // A row that does not fit, and a quote that is not closed.
  const auto table = write("e.csv", "type,external_id\na.came,u1,more\n"
                                    "a.came,u1\n\"a.came,u1\n");
  CHECK(imported({table, "--rejects", path("rows")}, 1).at("accepted") == 1);
  REQUIRE(rejects("rows").size() == 2);
  CHECK(rejects("rows")[0].at("error").at("code") == "cells_mismatch");
  CHECK(rejects("rows")[1].at("error").at("code") == "quote_open");
}

TEST_CASE_METHOD(importing,
                 "an import that is killed goes on, and each line is taken "
                 "once",
                 "[system][import]") {
  const auto lines = many_lines(2500);
  const auto file = path("many");
  {
    named_pipe pipe{file};
    process import{running(environment(own, shared_server().port()),
                           {"import", file, "--batch", "100"}),
                   path("errors")};
    pipe.write(joined(lines, 0, 1550));
    // What is complete is sent; the rest waits for more.
    REQUIRE(eventually([&] {
      return read("many.troupe-import").find("\"next_line\":1501")
             != std::string::npos;
    }));
    import.signal(SIGKILL);
    REQUIRE(import.wait(patience) == 128 + SIGKILL);
  }
  std::filesystem::remove(file);
  write("many", joined(lines, 0, lines.size()));
  const auto done = imported({file, "--resume"});
  CHECK(done.at("lines") == 2500);
  CHECK(done.at("accepted").as_int64() + done.at("duplicates").as_int64()
        == 2500);
  std::set<std::int64_t> seen;
  std::map<std::string, std::int64_t> last;
  const auto events = exported(own);
  for (const auto& each : events) {
    const auto n = each.at("metadata").at("n").as_int64();
    seen.insert(n);
    auto& before
      = last[std::string{each.at("contact").at("external_id").as_string()}];
    CHECK(before <= n); // of a person in their order
    before = n;
  }
  CHECK(events.size() == 2500);
  CHECK(seen.size() == 2500);
  // Without its state the whole file again changes nothing.
  CHECK(imported({file}).at("duplicates") == 2500);
  // Of another file it does not go on.
  write("other.troupe-import", R"({"file_mark":"1","what":"2"})");
  write("other", lines[0]);
  CHECK(troupe({"import", path("other"), "--resume"}).code == 1);
}

TEST_CASE_METHOD(importing,
                 "an import goes on when its server is started again",
                 "[system][import]") {
  troupe_server server;
  const auto lines = many_lines(1600);
  const auto file = path("many");
  named_pipe pipe{file};
  const auto url
    = "TROUPE_API_URL=http://127.0.0.1:" + std::to_string(server.port());
  process import{running({url, "TROUPE_API_KEY=" + server.key()},
                         {"import", file, "--batch", "100"}),
                 path("errors")};
  pipe.write(joined(lines, 0, 1050));
  REQUIRE(eventually([&] {
    return read("many.troupe-import").find("\"next_line\":1001")
           != std::string::npos;
  }));
  server.kill();
  pipe.write(joined(lines, 1050, 1300));
  REQUIRE(eventually([&] {
    return read("errors").find("again_in_seconds") != std::string::npos;
  }));
  std::vector<std::string> command{tested_binary(), "serve", "--listen",
                                   "127.0.0.1:"
                                     + std::to_string(server.port())};
  for (const auto& each : server.store_arguments())
    command.push_back(each);
  process again{command, path("server")};
  REQUIRE(again.read_line(patience));
  pipe.write(joined(lines, 1300, 1600));
  pipe.end();
  const auto summary = import.read_line(patience);
  REQUIRE(summary);
  INFO(*summary);
  CHECK(import.wait(patience) == 0);
  CHECK(boost::json::parse(*summary).at("lines") == 1600);
  api_client of_server{server.port(), server.key()};
  CHECK(eventually([&] {
    return of_server.get("/v1/event-types/many.came/stats").number("/count")
           == 1600;
  }));
}

TEST_CASE_METHOD(importing,
                 "history is on the timeline, in segments and statistics, "
                 "and starts nothing unless asked",
                 "[system][import]") {
  webhook_sink sink;
  publish(own.api, sequence_on("on_paid", "order.paid",
                               R"("s":{"type":"wait","for":"2h","then":"x"})"));
  REQUIRE(subscribe(own.api, sink.url(), "order.*").status == 201);
  REQUIRE(own.api
            .post("/v1/segments", R"({"key":"payers","condition":{">=":[
              {"event_count":{"event":"order.paid"}},1]}})")
            .status
          == 201);
  const auto paid = line("order.paid", R"(,"occurred_at":")" + year_ago()
                                         + R"(","message_id":"old","value":9)");
  CHECK(imported({write("old", paid)}).at("accepted") == 1);
  CHECK(runs_of(user) == 0);
  const auto contact = contact_of(own.api, user);
  CHECK(contact.text("/segments/0") == "payers");
  const auto timeline = contact_of(own.api, user, "/timeline");
  CHECK(timeline.text("/data/0/event/type") == "order.paid");
  CHECK(timeline.number("/data/0/webhooks") == 0);
  CHECK(eventually([&] {
    return own.api.get("/v1/event-types/order.paid/stats").number("/count")
           == 1;
  }));
  const auto id = own.api.get("/v1/events").text("/data/0/id");
  const auto explained = own.api.get("/v1/events/" + id + "/explain");
  INFO(explained.body);
  CHECK(explained.body.find(R"("history")") != std::string::npos);
  CHECK(explained.body.find(R"("ignored")") != std::string::npos);
  // What happens now is no history, and the next thing the webhook hears.
  const auto now = line("order.paid", R"(,"message_id":"new")");
  CHECK(imported({write("new", now), "--start"}).at("accepted") == 1);
  CHECK(runs_of(user) == 1);
  const auto calls = sink.wait_for(1, patience);
  REQUIRE(calls.size() == 1);
  CHECK(calls[0].json.at_pointer("/data/message_id") == "new");
  // As it happens now, it is not too old.
  const auto late
    = imported({write("late", line("order.paid",
                                   R"(,"occurred_at":")" + year_ago() + "\"")),
                "--start", "--rejects", path("rejects")},
               1);
  CHECK(late.at("rejected") == 1);
  CHECK(rejects("rejects")[0].at("error").at("code")
        == "timestamp_out_of_range");
}

TEST_CASE_METHOD(importing, "files of other products are imported",
                 "[system][import]") {
  const auto segment
    = R"({"type":"identify","userId":"s1","traits":{"email":"s1@example.com","planName":"pro"},"messageId":"s-1","timestamp":"2019-01-01T00:00:00Z"})"
      "\n"
      R"({"type":"track","userId":"s1","event":"Order Completed","properties":{"orderId":7},"messageId":"s-2","timestamp":"2019-01-02T00:00:00Z"})"
      "\n";
  CHECK(imported(
          {write("segment.gz", compressed(segment, 31)), "--format", "segment"})
          .at("accepted")
        == 2);
  CHECK(contact_of(own.api, "s1").text("/attributes/planName") == "pro");
  const auto posthog
    = R"({"uuid":"0190","event":"$pageview","distinct_id":"h1","properties":{"$current_url":"https://a.b/"},"timestamp":"2019-02-01 10:00:00"})"
      "\n"
      R"({"uuid":"0191","event":"paid","distinct_id":"h1","properties":{"$set":{"plan":"max"}},"timestamp":"2019-02-02T10:00:00.123Z"})"
      "\n";
  CHECK(
    imported({write("posthog", posthog), "--format", "posthog"}).at("accepted")
    == 2);
  CHECK(contact_of(own.api, "h1").text("/attributes/plan") == "max");
  const auto customerio
    = R"({"type":"person","action":"event","identifiers":{"id":"c1"},"name":"bought","timestamp":1546300800,"attributes":{"total":3}})"
      "\n";
  for (int i = 0; i < 2; ++i)
    CHECK(imported({write("cio", customerio), "--format", "customerio"})
            .at(i == 0 ? "accepted" : "duplicates")
          == 1);
  const auto events = exported(own);
  REQUIRE(events.size() == 5);
  CHECK(events[1].at("type") == "Order Completed");
  CHECK(events[1].at("occurred_at") == "2019-01-02T00:00:00.000Z");
  CHECK(events[2].at("type") == "$page_view");
  CHECK(events[3].at("occurred_at") == "2019-02-02T10:00:00.123Z");
  CHECK(events[4].at("metadata").at("total") == 3);
}

TEST_CASE_METHOD(importing,
                 "calls of a file happened when they say, whenever they were "
                 "sent",
                 "[system][import]") {
  const auto text
    = R"({"type":"track","userId":"s1","event":"a.came","messageId":"s-1","timestamp":"2019-01-02T00:00:00Z","originalTimestamp":"2019-01-02T07:00:00Z","sentAt":"2019-01-02T07:00:01Z"})"
      "\n"
      R"({"type":"track","userId":"s1","event":"a.came","messageId":"s-2","originalTimestamp":"2019-01-03T00:00:00Z","sentAt":"2019-01-03T00:00:01Z"})"
      "\n";
  CHECK(imported({write("segment", text), "--format", "segment"}).at("accepted")
        == 2);
  const auto events = exported(own);
  REQUIRE(events.size() == 2);
  CHECK(events[0].at("occurred_at") == "2019-01-02T00:00:00.000Z");
  CHECK(events[1].at("occurred_at") == "2019-01-03T00:00:00.000Z");
  const auto old = imported({write("again", text), "--format", "segment",
                             "--start", "--rejects", path("rejects")},
                            1);
  CHECK(old.at("rejected") == 2);
  CHECK(rejects("rejects")[0].at("error").at("code")
        == "timestamp_out_of_range");
}

TEST_CASE_METHOD(importing, "tables may count their rows alike",
                 "[system][import]") {
  const auto orders = write("orders.csv", "id,external_id\n1,u1\n2,u1\n");
  const auto visits = write("visits.csv", "id,external_id\n1,u1\n2,u2\n");
  CHECK(imported({orders, "--type", "order.paid"}).at("accepted") == 2);
  CHECK(imported({visits, "--type", "site.seen"}).at("accepted") == 2);
  CHECK(imported({visits, "--type", "site.seen"}).at("duplicates") == 2);
  CHECK(exported(own).size() == 4);
}

TEST_CASE_METHOD(importing, "who is identified can be reached",
                 "[system][import]") {
  CHECK(imported(
          {write("who",
                 line("$identify",
                      R"(,"metadata":{"traits":{"email":"ada@example.com"}},)"
                      R"("traits":{"phone":"+442079460018"})"))})
          .at("accepted")
        == 1);
  const auto contact = contact_of(own.api, user);
  CHECK(contact.text("/email") == "ada@example.com");
  CHECK(contact.text("/phone") == "+442079460018");
}

TEST_CASE_METHOD(importing,
                 "an import without a place for its state goes on without one",
                 "[system][import]") {
  // As `<(zcat events.gz)` is: beside /dev/fd nothing is written.
  const auto file = write("e.ndjson", line("a.came") + line("b.came"));
  std::vector<std::string> words{"/usr/bin/env"};
  for (const auto& each : environment(own, shared_server().port()))
    words.push_back(each);
  for (const auto& each :
       {std::string{"/bin/sh"}, std::string{"-c"},
        tested_binary() + " import /dev/fd/9 9<'" + file + "'"})
    words.push_back(each);
  process import{words, path("errors")};
  const auto summary = import.read_line(patience);
  REQUIRE(summary);
  CHECK(import.wait(patience) == 0);
  CHECK(boost::json::parse(*summary).at("accepted") == 2);
  CHECK(read("errors").find("--resume will not go on") != std::string::npos);
  CHECK(troupe({"import", "/dev/null/x", "--resume"}).code == 1);
}

TEST_CASE_METHOD(importing, "what the command line says wrongly is a 2",
                 "[system][import]") {
  const auto file = write("e.ndjson", line("a.came"));
  CHECK(troupe({"import", file, "--batch", "0"}).code == 2);
  CHECK(troupe({"import", file, "--map", "a=b"}).code == 2);
  CHECK(troupe({"import", file, "--type", "a.came"}).code == 2);
  CHECK(troupe({"import", file, "--rejects", file}).code == 2);
  CHECK(read("e.ndjson") == line("a.came"));
}

TEST_CASE_METHOD(importing, "an import is bounded, and not for browsers",
                 "[system][import]") {
  const auto send = [this](const std::string& query, const std::string& body) {
    return own.api.send("POST", "/v1/events/import?" + query, body,
                        {{"Content-Type", "application/x-ndjson"}});
  };
  CHECK(send("", std::string(1001, '\n')).status == 413);
  CHECK(send("", std::string(1024 * 1024 + 1, ' ')).status == 413);
  for (const auto* query :
       {"format=none", "start=yes", "first_line=0", "source=", "more=1"})
    CHECK(send(query, "\n").status == 422);
  const auto report = send("first_line=41", "\n" + line("a.came") + "{}\n");
  REQUIRE(report.status == 200);
  CHECK(report.number("/accepted") == 1);
  CHECK(report.number("/lines/0/line") == 43);
  CHECK(report.text("/lines/0/error/code") == "field_required");
  const auto browser = make_key(own.api, R"(["events:write"])", "write");
  api_client page{shared_server().port(), browser.text("/key")};
  CHECK(page.send("POST", "/v1/events/import", line("a.came"), {}).status
        == 403);
}
