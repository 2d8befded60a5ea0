// Any rule on any data: compiles or is refused, never throws, ends, and its
// outcome is JSON. Input: [rule, data].
#include "engine/condition.hpp"

#include "engine/json_text.hpp"
#include "engine/strict_json.hpp"
#include "engine/template_text.hpp"

#include <boost/json/array.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  using namespace troupe::engine;
  const auto input = parse_json({reinterpret_cast<const char*>(data), size});
  const auto* pair = input ? input->if_array() : nullptr;
  if (pair == nullptr || pair->size() != 2)
    return 0;
  const value_data roots{(*pair)[1]};
  if (const auto made = condition::compile((*pair)[0])) {
    const auto outcome = made->evaluate(roots);
    const auto again
      = parse_json(to_json(outcome), {100'000, 1U << 30, 1U << 20});
    if (!again || canonical_json(*again) != canonical_json(outcome))
      std::abort();
    static_cast<void>(made->holds(roots));
  }
  if (const auto made = template_json::compile((*pair)[0])) {
    const boost::json::value* bare[] = {&(*pair)[1]};
    static_cast<void>(made->render({{}, bare}));
  }
  return 0;
}
