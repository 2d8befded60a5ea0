// Runs worlds by their seeds. Each failure is printed with its seed, which
// replays it exactly.
#include "tests/simulation/world.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string_view>

using namespace troupe::simulation;

namespace {

constexpr auto usage
  = "usage: troupe_simulation [--seeds N] [--first SEED] [--traces]\n"
    "                         [--planted DEFECT|all]\n"
    "Runs N seeds (default: 200, or TROUPE_SIMULATION_SEEDS) from SEED on\n"
    "(default: a random one; TROUPE_TEST_SEED: that one alone). --planted:\n"
    "until the defect is found, which has to be within N seeds. --traces\n"
    "prints what tells two runs apart.\n";
constexpr std::uint64_t seeds_default = 200;
// One run in so many is run twice, to see that both are the same.
constexpr std::uint64_t run_twice = 25;
// Too few to say that a batch saw enough.
constexpr std::uint64_t void_below = 100;

struct wishes {
  std::uint64_t seeds = seeds_default;
  std::uint64_t first = 0;
  bool traces = false;
  std::string_view planted;
};

std::uint64_t number_in(const char* text) {
  char* end = nullptr;
  const auto number = std::strtoull(text, &end, 10);
  if (*text == '\0' || *end != '\0') {
    std::fputs(usage, stderr);
    std::exit(2);
  }
  return number;
}

wishes read_wishes(int argc, char** argv) {
  wishes out;
  out.first = troupe::test::test_seed();
  if (std::getenv("TROUPE_TEST_SEED") != nullptr)
    out.seeds = 1;
  else
    out.first %= 1'000'000'000;
  if (const auto* given = std::getenv("TROUPE_SIMULATION_SEEDS"))
    out.seeds = number_in(given);
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    const auto has_value = i + 1 < argc;
    if (option == "--traces") {
      out.traces = true;
    } else if (option == "--seeds" && has_value) {
      out.seeds = number_in(argv[++i]);
    } else if (option == "--first" && has_value) {
      out.first = number_in(argv[++i]);
    } else if (option == "--planted" && has_value) {
      out.planted = argv[++i];
    } else {
      std::fputs(usage, stderr);
      std::exit(2);
    }
  }
  return out;
}

run_result run_one(std::uint64_t seed, planted defect,
                   const store_files& files) {
  try {
    return world{seed, defect, files}.run();
  } catch (const std::exception& failure) {
    return {{std::string{"a run ended: "} + failure.what()}, {}, 0};
  }
}

void print_failure(std::uint64_t seed, const run_result& what) {
  for (const auto& each : what.violations)
    std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed),
                each.c_str());
  std::printf("replay: troupe_simulation --first %llu --seeds 1\n",
              static_cast<unsigned long long>(seed));
}

// A batch in which too little happened says nothing.
bool is_void(const run_counts& all, std::uint64_t seeds) {
  return all.acknowledged < 8 * seeds || all.replayed < seeds / 2
         || 2 * all.crashes < seeds || all.commits_failed < seeds
         || 2 * all.commits_unknown < seeds || all.calls < 5 * seeds
         || all.calls_again < seeds / 2 || 5 * all.merges < seeds;
}

void print_counts(const run_counts& all) {
  std::printf("%zu acknowledged, %zu unanswered, %zu answers to retries, "
              "%zu crashes, %zu commits failed and %zu unknown, %zu calls and "
              "%zu again, %zu merges, %zu steps\n",
              all.acknowledged, all.unanswered, all.replayed, all.crashes,
              all.commits_failed, all.commits_unknown, all.calls,
              all.calls_again, all.merges, all.steps);
}

bool run_all(const wishes& wanted, const store_files& files) {
  run_counts all;
  std::uint64_t failed = 0;
  for (auto seed = wanted.first; seed < wanted.first + wanted.seeds; ++seed) {
    auto result = run_one(seed, planted::nothing, files);
    all += result.counts;
    if (wanted.traces)
      std::printf("%llu %016llx\n", static_cast<unsigned long long>(seed),
                  static_cast<unsigned long long>(result.trace));
    if ((seed - wanted.first) % run_twice == 0
        && run_one(seed, planted::nothing, files).trace != result.trace)
      result.violations.emplace_back("the seed does not replay");
    if (!result.violations.empty()) {
      ++failed;
      print_failure(seed, result);
    }
  }
  print_counts(all);
  if (wanted.seeds >= void_below && is_void(all, wanted.seeds)) {
    std::puts("too little happened: the batch is void");
    return false;
  }
  std::printf("%llu seeds from %llu, %llu failed\n",
              static_cast<unsigned long long>(wanted.seeds),
              static_cast<unsigned long long>(wanted.first),
              static_cast<unsigned long long>(failed));
  return failed == 0;
}

bool find(planted defect, std::string_view name, const wishes& wanted,
          const store_files& files) {
  for (std::uint64_t n = 0; n < wanted.seeds; ++n) {
    const auto seed = wanted.first + n;
    const auto result = run_one(seed, defect, files);
    if (result.violations.empty())
      continue;
    std::printf("%.*s: seed %llu, the %lluth: %s\n",
                static_cast<int>(name.size()), name.data(),
                static_cast<unsigned long long>(seed),
                static_cast<unsigned long long>(n + 1),
                result.violations.front().c_str());
    return true;
  }
  std::printf("%.*s: not found\n", static_cast<int>(name.size()), name.data());
  return false;
}

bool find_planted(const wishes& wanted, const store_files& files) {
  auto known = false;
  auto found = true;
  for (const auto& [defect, name] : planted_names)
    if (wanted.planted == "all" || wanted.planted == name) {
      known = true;
      found = find(defect, name, wanted, files) && found;
    }
  return known && found;
}

} // namespace

int main(int argc, char** argv) {
  const auto wanted = read_wishes(argc, argv);
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  try {
    const store_files files;
    const auto good = wanted.planted.empty() ? run_all(wanted, files)
                                             : find_planted(wanted, files);
    return good ? 0 : 1;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "troupe_simulation: %s\n", failure.what());
    return 1;
  }
}
