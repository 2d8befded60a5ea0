// F14: does the time of a refusal tell what exists? Two kinds of requests in a
// random order, and Welch's t of their times, also of the fastest halves, three
// quarters and so on, where noise hides less (as dudect does). |t| below 4.5 is
// no difference (A2, I1, I6). What runs beside it hides differences and makes
// none: the kinds take turns by chance.
//
// usage: troupe_timing [samples]   (default 100000; in memory ten times as
// many)
#include "http/authentication.hpp"
#include "tests/support/troupe_server.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

using namespace troupe;

namespace {

constexpr double bound = 4.5;

struct moments {
  void add(double value) {
    count += 1;
    const auto before = value - mean;
    mean += before / count;
    squares += before * (value - mean);
  }

  [[nodiscard]] double error() const { // of the mean, squared
    return squares / (count - 1) / count;
  }

  double count = 0;
  double mean = 0;
  double squares = 0;
};

using times = std::array<std::vector<float>, 2>; // nanoseconds, by kind

float quantile(std::vector<float> values, double share) {
  const auto at = values.begin()
                  + static_cast<std::ptrdiff_t>(
                    share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

double t_of(const times& of, float most) {
  std::array<moments, 2> kinds;
  for (std::size_t kind = 0; kind < 2; ++kind)
    for (const auto each : of[kind])
      if (each <= most)
        kinds[kind].add(each);
  return (kinds[0].mean - kinds[1].mean)
         / std::sqrt(kinds[0].error() + kinds[1].error());
}

/// @returns the greatest |t|
double worst_t(const times& of) {
  auto all = of[0];
  all.insert(all.end(), of[1].begin(), of[1].end());
  double worst = 0;
  for (const auto share : {0.5, 0.75, 0.9, 0.95, 0.99, 1.0})
    worst = std::max(worst, std::abs(t_of(of, quantile(all, share))));
  return worst;
}

/// Runs `make(kind)` and `ask()`, which is timed, so many times; of either kind
/// as a coin falls.
/// @returns whether no difference was seen
bool is_alike(const char* name, std::size_t samples,
              const std::function<void(std::size_t)>& make,
              const std::function<void()>& ask) {
  using clock = std::chrono::steady_clock;
  std::mt19937_64 coin{14};
  times seen;
  for (std::size_t i = 0; i < samples / 20; ++i) { // warms up
    make(i % 2);
    ask();
  }
  for (std::size_t i = 0; i < samples; ++i) {
    const auto kind = coin() % 2;
    make(kind);
    const auto began = clock::now();
    ask();
    seen[kind].push_back(
      std::chrono::duration<float, std::nano>(clock::now() - began).count());
  }
  const auto t = worst_t(seen);
  std::printf("| %s | %zu | %.2f | %.2f | %.1f |%s\n", name, samples,
              quantile(seen[0], 0.5) / 1'000, quantile(seen[1], 0.5) / 1'000, t,
              t < bound ? "" : " not alike");
  std::fflush(stdout);
  return t < bound;
}

std::string random_text(std::mt19937_64& random, std::size_t size) {
  constexpr std::string_view letters = "0123456789abcdefghijklmnopqrstuv";
  std::string text;
  while (text.size() < size)
    text += letters[random() % letters.size()];
  return text;
}

/// A comparison that ends at the first byte that differs has to be noticed.
bool finds_what_leaks(std::size_t samples) {
  const std::string known(4'096, 'k');
  std::array<std::string, 2> wrong{known, known};
  wrong[0].front() = wrong[1].back() = 'w';
  std::string given;
  return !is_alike(
    "control, must differ: first / last of 4,096 bytes wrong", samples,
    [&](std::size_t kind) {
      given.assign(wrong[kind]);
    },
    [&] {
      if (given == known)
        throw std::logic_error{"wrong bytes were taken"};
    });
}

bool compare_keys(std::size_t samples) {
  std::mt19937_64 random{14};
  messages::catalog known;
  std::vector<std::string> keys;
  for (int i = 0; i < 1'000; ++i) {
    auto key = "tr_live_" + random_text(random, 40);
    known.keys[http::hash_key(key)].workspace = {};
    keys.push_back(std::move(key));
  }
  // What is asked is made beforehand, so that making it costs nothing.
  constexpr std::size_t kept = 4'096;
  std::array<std::vector<http::credentials>, 2> beginnings;
  std::array<std::vector<http::credentials>, 2> places;
  for (std::size_t i = 0; i < kept; ++i) {
    const auto& key = keys[i % keys.size()];
    const auto secret
      = random_text(random, key.size() - http::key_prefix_length);
    beginnings[0].push_back(
      {key.substr(0, http::key_prefix_length) + secret, {}});
    beginnings[1].push_back({"tr_live_" + random_text(random, 40), {}});
    auto first = key;
    first[http::key_prefix_length] ^= 1;
    auto last = key;
    last.back() = static_cast<char>(last.back() ^ 1);
    places[0].push_back({first, {}});
    places[1].push_back({last, {}});
  }
  std::size_t next = 0;
  http::credentials given; // one place for both kinds: caches tell nothing
  const auto make = [&](const auto& of, std::size_t kind) {
    next = (next + 1) % kept;
    given.key.assign(of[kind][next].key);
  };
  const auto ask = [&] {
    if (!http::find_key(given, known).refusal)
      throw std::logic_error{"a wrong key was taken"};
  };
  const auto by_beginning = is_alike(
    "key: its beginning known / unknown", samples,
    [&](std::size_t kind) {
      make(beginnings, kind);
    },
    ask);
  const auto by_place = is_alike(
    "key: first / last byte of the secret wrong", samples,
    [&](std::size_t kind) {
      make(places, kind);
    },
    ask);
  return by_beginning && by_place;
}

struct things {
  const char* name;
  std::vector<std::string> paths; // of what another workspace has
};

std::vector<things> what_another_has(test::troupe_server& server) {
  constexpr int count = 500;
  auto admin = server.client();
  const auto made = admin.post("/v1/workspaces", R"({"name":"other"})");
  test::api_client own{server.port(), made.text("/key")};
  things events{"event: another's / nobody's", {}};
  things contacts{"contact: another's / nobody's", {}};
  things endpoints{"endpoint: another's / nobody's", {}};
  for (int i = 0; i < count; ++i) {
    const auto sent = own.emit(test::event_body(
      "own.sent", R"({"external_id":"own)" + std::to_string(i) + "\"}"));
    events.paths.push_back("/v1/events/" + sent.text("/id"));
    contacts.paths.push_back("/v1/contacts/" + sent.text("/contact/id"));
    endpoints.paths.push_back("/v1/webhooks/"
                              + own
                                  .post("/v1/webhooks",
                                        R"({"url":"https://a.example/",)"
                                        R"("events":["never.sent"]})")
                                  .text("/id"));
  }
  return {events, contacts, endpoints};
}

bool compare_ids(std::size_t samples) {
  constexpr std::size_t random_letters = 4;
  test::troupe_server server;
  std::mt19937_64 random{14};
  auto is_equal = true;
  const auto compare_of = [&](const char* name,
                              const std::vector<std::string>& paths,
                              bool is_control) {
    support::raw_client client{server.port()};
    std::string asked;
    // Nobody's are of the same shape and time; made new each time, for what is
    // asked again and again is foreseen by the processor.
    const auto make = [&](std::size_t kind) {
      auto path = paths[random() % paths.size()];
      auto tail = path.substr(path.size() - random_letters);
      for (auto& letter : tail)
        letter = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[random() % 32];
      if (kind == 1 || is_control)
        path.replace(path.size() - random_letters, random_letters, tail);
      asked = "GET " + path + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
              + server.key() + "\r\n\r\n";
    };
    const auto ask = [&] {
      if (const auto answer = client.ask(asked); answer.status != 404)
        throw std::logic_error{answer.body};
    };
    is_equal = is_alike(name, samples, make, ask) && is_equal;
  };
  const auto all = what_another_has(server);
  compare_of("control: nobody's / nobody's", all.front().paths, true);
  for (const auto& each : all)
    compare_of(each.name, each.paths, false);
  server.stop();
  return is_equal;
}

} // namespace

int main(int count, char** arguments) {
  const auto samples
    = count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 100'000;
  std::printf("| one / other | samples | median us | median us | greatest |t| "
              "|\n|---|---|---|---|---|\n");
  const auto control = finds_what_leaks(samples);
  const auto keys = compare_keys(10 * samples);
  const auto ids = compare_ids(samples);
  return control && keys && ids ? EXIT_SUCCESS : EXIT_FAILURE;
}
