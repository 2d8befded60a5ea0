#include "engine/copy_on_write.hpp"

#include <catch2/catch.hpp>

#include <numeric>
#include <thread>
#include <vector>

using troupe::engine::copy_on_write;

TEST_CASE("an edit leaves the copies as they were", "[copy_on_write]") {
  copy_on_write<std::vector<int>> first;
  CHECK(first->empty());
  first.edit().push_back(1);
  const auto* place = &*first;
  first.edit().push_back(2);
  CHECK(&*first == place); // not shared: changed in place
  auto second = first;
  CHECK(&*second == place);
  second.edit().push_back(3);
  CHECK(*first == std::vector{1, 2});
  CHECK(*second == std::vector{1, 2, 3});
  CHECK(&*first == place);
}

TEST_CASE("copies can be read and edited on different threads",
          "[copy_on_write]") {
  copy_on_write<std::vector<int>> mine{std::vector<int>(100, 1)};
  int seen = 0;
  for (int round = 0; round < 300; ++round) {
    std::thread other{[&seen, copy = mine]() mutable {
      seen += std::accumulate(copy->begin(), copy->end(), 0);
      copy = {}; // the last to let go may be either side
    }};
    // In place or in a copy, depending on how far the other is.
    for (auto& each : mine.edit())
      each = 1;
    other.join();
  }
  CHECK(seen == 30'000);
}
