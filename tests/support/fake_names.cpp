#include "tests/support/fake_names.hpp"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>

#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>

namespace troupe::test {

namespace {

struct known_name {
  std::vector<std::vector<std::string>> answers;
  bool hangs = false;
  int lookups = 0;
};

std::mutex mutex;
std::condition_variable changed;
std::map<std::string, known_name> names;
int hanging = 0;
bool stopping = false;

using lookup = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

lookup real_lookup() {
  static const auto real
    = reinterpret_cast<lookup>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return real;
}

/// A chain made by the real function, so that freeaddrinfo may free it.
int chain(const std::vector<std::string>& addresses, const char* service,
          addrinfo hints, addrinfo** out) {
  hints.ai_flags |= AI_NUMERICHOST;
  hints.ai_family = AF_UNSPEC;
  addrinfo** end = out;
  *out = nullptr;
  for (const auto& address : addresses) {
    if (real_lookup()(address.c_str(), service, &hints, end) != 0)
      return EAI_NONAME;
    while (*end != nullptr)
      end = &(*end)->ai_next;
  }
  return *out != nullptr ? 0 : EAI_NONAME;
}

} // namespace

fake_names::fake_names() {
  const std::lock_guard lock{mutex};
  stopping = false;
}

fake_names::~fake_names() {
  std::unique_lock lock{mutex};
  stopping = true;
  changed.notify_all();
  changed.wait(lock, [] {
    return hanging == 0;
  });
  names.clear();
}

void fake_names::add(const std::string& name,
                     std::vector<std::vector<std::string>> answers) {
  const std::lock_guard lock{mutex};
  names[name].answers = std::move(answers);
}

void fake_names::add_hanging(const std::string& name) {
  const std::lock_guard lock{mutex};
  names[name].hangs = true;
}

int fake_names::lookups(const std::string& name) const {
  const std::lock_guard lock{mutex};
  return names[name].lookups;
}

} // namespace troupe::test

// Takes the place of the C library's function in this program, which therefore
// never asks a real name server.
extern "C" int getaddrinfo(const char* node, const char* service,
                           const addrinfo* hints, addrinfo** out) {
  using namespace troupe::test;
  const std::string name = node != nullptr ? node : "";
  std::unique_lock lock{mutex};
  const auto found = names.find(name);
  if (found == names.end()) {
    lock.unlock();
    auto numeric = hints != nullptr ? *hints : addrinfo{};
    if (name != "localhost")
      numeric.ai_flags |= AI_NUMERICHOST;
    return real_lookup()(node, service, &numeric, out);
  }
  auto& known = found->second;
  const auto turn = static_cast<std::size_t>(known.lookups++);
  if (known.hangs) {
    ++hanging;
    changed.notify_all();
    changed.wait(lock, [] {
      return stopping;
    });
    --hanging;
    changed.notify_all();
    return EAI_AGAIN;
  }
  const auto answer = known.answers[std::min(turn, known.answers.size() - 1)];
  lock.unlock();
  return chain(answer, service, hints != nullptr ? *hints : addrinfo{}, out);
}
