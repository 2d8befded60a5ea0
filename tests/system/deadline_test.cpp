// What a client is told when its event is not durable in time. Another process
// that holds the store's write lock stands for a disk that hangs.
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>
#include <libpq-fe.h>
#include <sqlite3.h>

using namespace troupe::test;

namespace {

class write_lock {
public:
  explicit write_lock(const troupe_server& server) {
    if (const auto* database = server.database()) {
      session_ = database->open();
      const answer got{PQexec(session_.get(), "BEGIN; LOCK TABLE lanes"),
                       PQclear};
      REQUIRE(PQresultStatus(got.get()) == PGRES_COMMAND_OK);
      return;
    }
    const auto file = server.directory() + "/data/troupe.db";
    REQUIRE(
      sqlite3_open_v2(file.c_str(), &store_, SQLITE_OPEN_READWRITE, nullptr)
      == SQLITE_OK);
    sqlite3_busy_timeout(store_, 10'000);
    REQUIRE(sqlite3_exec(store_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr)
            == SQLITE_OK);
  }

  ~write_lock() {
    sqlite3_close(store_);
  }

  write_lock(const write_lock&) = delete;
  write_lock& operator=(const write_lock&) = delete;

private:
  using answer = std::unique_ptr<PGresult, void (*)(PGresult*)>;

  sqlite3* store_ = nullptr;
  postgres_database::session session_{nullptr, nullptr};
};

std::string head_of(const troupe_server& server, std::string_view body,
                    std::string_view key) {
  return "POST /v1/events HTTP/1.1\r\nHost: troupe\r\nAuthorization: Bearer "
         + server.key() + "\r\nContent-Type: application/json\r\n"
         + "Idempotency-Key: " + std::string{key}
         + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
}

} // namespace

TEST_CASE("G18 G62 G63 past the deadline the first caller gets 503 and no "
          "invented numbers, a repeat 409; a later repeat gets the answer",
          "[system][deadline]") {
  troupe_server server{{"--request-deadline", "2"}};
  auto api = server.client();
  const auto body = event_body("order.completed", by_external_id("usr_g62"));
  REQUIRE(api.emit(event_body("order.opened", by_external_id("usr_g62"))).status
          == 200);
  {
    const write_lock held{server};
    troupe::support::raw_client first{server.port()};
    // Accepted, so that what follows is read before what comes behind it.
    REQUIRE(first.ask("GET /healthz HTTP/1.1\r\nHost: troupe\r\n\r\n").status
            == 200);
    first.send(head_of(server, body, "g62") + body);
    // Answered after the bytes above have been read: one thread reads both.
    REQUIRE(api.get("/healthz").status == 200);
    const auto repeat = api.emit(body, "g62");
    CHECK(repeat.status == 409);
    CHECK(repeat.code() == "idempotency_key_in_progress");
    CHECK(repeat.header("retry-after") == "1");
    const auto late = first.receive();
    CHECK(late.status == 503);
    CHECK(late.headers.at("retry-after") == "1");
    CHECK(late.body.find("deadline_exceeded") != std::string::npos);
    CHECK(late.body.find("fan_out") == std::string::npos);
    CHECK(
      api
        .emit(event_body("order.other", by_external_id("usr_g62")), "g62:other")
        .code()
      == "deadline_exceeded");
  }
  api_answer done;
  REQUIRE(eventually([&] {
    done = api.emit(body, "g62");
    return done.status == 200;
  }));
  CHECK(done.number("/fan_out/sequences_woken") == 0);
  CHECK(api.emit(body, "g62").body == done.body);
  const auto listed
    = api.get("/v1/events?contact[external_id]=usr_g62&type=order.completed");
  CHECK(listed.at("/data").as_array().size() == 1);
}

TEST_CASE("clients 2: a batch whose first try still runs is to be sent again, "
          "and lists nothing as rejected",
          "[system][deadline]") {
  troupe_server server{{"--request-deadline", "2"}};
  auto api = server.client();
  REQUIRE(api.emit(event_body("order.opened", by_external_id("usr_2"))).status
          == 200);
  const std::string body
    = R"({"batch":[{"type":"track","event":"order.paid","userId":"usr_2",)"
      R"("messageId":"m-2"}]})";
  {
    const write_lock held{server};
    troupe::support::raw_client first{server.port()};
    REQUIRE(first.ask("GET /healthz HTTP/1.1\r\nHost: troupe\r\n\r\n").status
            == 200);
    first.send("POST /v1/batch HTTP/1.1\r\nHost: troupe\r\nAuthorization: "
               "Bearer "
               + server.key() + "\r\nContent-Type: application/json\r\n"
               + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n"
               + body);
    REQUIRE(api.get("/healthz").status == 200);
    const auto repeat = api.post("/v1/batch", body);
    CHECK(repeat.status == 503);
    CHECK(repeat.code() == "idempotency_key_in_progress");
    CHECK(!repeat.header("retry-after").empty());
    CHECK(first.receive().status == 503);
  }
  REQUIRE(eventually([&] {
    return api.post("/v1/batch", body).status == 200;
  }));
  CHECK(api.get("/v1/rejected-events").at("/data").as_array().empty());
  CHECK(api.get("/v1/events?type=order.paid").at("/data").as_array().size()
        == 1);
}
