// K1 A file system that takes no more: here the process may not let files grow.
// The same with a disk that is full: tests/faults/full_disk.py.
#include "tests/system/fixture.hpp"

#include <catch2/catch.hpp>
#include <sys/resource.h>

using namespace troupe::test;

namespace {

/// While it lives, no file of the process may grow.
class no_growth {
public:
  explicit no_growth(pid_t of) : of_{of} {
    set(0);
  }

  ~no_growth() {
    set(RLIM_INFINITY);
  }

  no_growth(const no_growth&) = delete;
  no_growth& operator=(const no_growth&) = delete;

private:
  void set(rlim_t most) const {
    const rlimit limit{most, RLIM_INFINITY};
    if (prlimit(of_, RLIMIT_FSIZE, &limit, nullptr) != 0)
      throw std::runtime_error{"prlimit"};
  }

  pid_t of_;
};

} // namespace

TEST_CASE("K1 writes are refused while nothing can be written, reads go on",
          "[system][full_disk]") {
  troupe_server server;
  auto api = server.client();
  const auto who = by_external_id("usr_1");
  REQUIRE(api.emit(event_body("before.it", who)).status == 200);
  {
    const no_growth full{server.running().id()};
    for (int i = 0; i < 3; ++i) {
      const auto refused = api.emit(event_body("during.it", who), "during");
      CHECK(refused.status == 503);
      CHECK(refused.code() == "storage_unavailable");
      CHECK_FALSE(refused.header("retry-after").empty());
    }
    // Of a contact that nobody knows, too.
    CHECK(api.emit(event_body("during.it", by_external_id("usr_2"))).status
          == 503);
    CHECK(
      api.post("/v1/keys", R"({"name":"k","scopes":["events:read"]})").status
      == 503);
    CHECK(contact_of(api, "usr_1").status == 200);
    CHECK(api.get("/v1/events?contact[external_id]=usr_1").status == 200);
    CHECK(contact_of(api, "usr_2").status == 404);
  }
  // It heals by itself, and the key takes the event that was refused.
  CHECK(eventually([&] {
    return api.emit(event_body("during.it", who), "during").status == 200;
  }));
  CHECK(api.emit(event_body("after.it", by_external_id("usr_2"))).status
        == 200);
  CHECK(server.stop() == 0);
  server.start();
  auto again = server.client();
  const auto found = again.get("/v1/events?contact[external_id]=usr_1");
  REQUIRE(found.at("/data").as_array().size() == 2);
}
