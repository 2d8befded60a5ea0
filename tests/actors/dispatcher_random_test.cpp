// Random schedules of all that may happen to a dispatcher at once.
#include "tests/support/random_values.hpp"
#include "tests/support/sending_world.hpp"

#include <catch2/catch.hpp>

using namespace troupe;
using test::dice;
using tests::page_fate;
using tests::page_kind;
using tests::sending_world;

namespace {

constexpr int schedules = 20;
constexpr int steps = 120;

/// One run: what may fail does so by chance.
class schedule {
public:
  schedule(std::uint64_t seed, bool toggles)
    : random_{seed},
      toggles_{toggles},
      is_ordered_{!toggles || random_.chance(50)},
      world_{is_ordered_ ? "contact" : "none",
             random_.of(std::vector<std::size_t>{1, 2, 3, 64})} {
    world_.pages->fate = [this](page_kind kind) {
      return fate_of(kind);
    };
    world_.store->loses = [this](auto outcomes) {
      return !outcomes.empty() && fails_ && random_.chance(10);
    };
  }

  void run() {
    for (int i = 0; i < steps; ++i)
      step();
    fails_ = false;
    world_.set(R"({"status":"active"})");
    world_.let_go();
    world_.finish();
  }

private:
  // Lanes that cannot be known three times are done without. Whose delivery it
  // is that cannot be read nobody knows: it holds up nobody.
  page_fate fate_of(page_kind kind) {
    if (!fails_ || !random_.chance(15))
      return page_fate::whole;
    if (kind == page_kind::all_retries)
      return ++lanes_failed_ < 3 ? page_fate::failed : page_fate::whole;
    if (kind == page_kind::outbox && is_ordered_)
      return random_.of(std::vector{page_fate::failed, page_fate::lost});
    return random_.of(
      std::vector{page_fate::cut, page_fate::failed, page_fate::lost});
  }

  void step() {
    const auto what = random_.below(100);
    if (what < 30)
      world_.tell(random_.of(std::vector<std::string>{"ada", "bob", "cyd"}));
    else if (what < 65)
      answer();
    else if (what < 75)
      world_.wait(static_cast<int>(1 + random_.below(8)));
    else if (what < 90)
      hold();
    else if (what < 94)
      pause();
    else if (toggles_)
      toggle();
  }

  void answer() {
    const auto open = world_.open();
    if (!open.empty())
      world_.answer(random_.of(open), random_.chance(65) ? 200 : 500);
  }

  void hold() {
    if (world_.pages->holds)
      world_.let_go();
    else
      world_.pages->holds = true;
  }

  void pause() {
    is_paused_ = !is_paused_;
    world_.set(is_paused_ ? R"({"status":"paused"})"
                          : R"({"status":"active"})");
  }

  void toggle() {
    for (auto times = 1 + random_.below(3); times > 0; --times) {
      lanes_failed_ = 0;
      is_ordered_ = !is_ordered_;
      world_.order_by(is_ordered_ ? "contact" : "none");
    }
  }

  dice random_;
  bool toggles_;
  bool is_ordered_;
  bool fails_ = true;
  bool is_paused_ = false;
  int lanes_failed_ = 0;
  sending_world world_;
};

} // namespace

TEST_CASE("X7 whatever is held, fails or is changed meanwhile: nothing is "
          "forgotten or sent once it was taken, and ordered deliveries wait "
          "for each other",
          "[actors][dispatcher]") {
  const auto first = test::test_seed();
  const auto toggles = GENERATE(false, true);
  for (int i = 0; i < schedules; ++i) {
    const auto seed = first + static_cast<std::uint64_t>(i);
    INFO("TROUPE_TEST_SEED=" << seed << (toggles ? ", toggled" : ""));
    schedule{seed, toggles}.run();
  }
}
