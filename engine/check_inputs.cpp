#include "engine/check_inputs.hpp"

#include "engine/json_logic_value.hpp"
#include "engine/json_text.hpp"
#include "engine/tally_rule.hpp"
#include "engine/unicode.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>

namespace troupe::engine {

namespace json = boost::json;

namespace {

constexpr std::size_t value_bytes_max = 96;

// Most names and values need no escapes: those cost no value of their own.
bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
  });
}

void append_text(std::string& out, std::string_view text) {
  if (text.size() <= value_bytes_max && is_plain(text)) {
    out += '"';
    out += text;
    out += '"';
    return;
  }
  append_json(out, json::value(text.size() > value_bytes_max
                                 ? readable(text, value_bytes_max) + "…"
                                 : std::string{text}));
}

// A list is shown as long as it is short and holds nothing but plain values.
void append_list(std::string& out, const json::array& list) {
  const auto begin = out.size();
  out += '[';
  for (const auto& each : list) {
    if (each.is_structured() || out.size() - begin > value_bytes_max
        || (each.is_string() && each.get_string().size() > value_bytes_max)) {
      out.resize(begin);
      out += "\"a list of " + std::to_string(list.size()) + "\"";
      return;
    }
    if (out.size() > begin + 1)
      out += ',';
    append_json(out, each);
  }
  out += ']';
}

void append_value(std::string& out, const json::value& value) {
  if (value.is_string())
    append_text(out, value.get_string());
  else if (value.is_array())
    append_list(out, value.get_array());
  else if (value.is_object())
    out += "\"an object of " + std::to_string(value.get_object().size()) + "\"";
  else
    append_json(out, value);
}

// "event_count order.completed"
std::string described(const tally_question& question) {
  using figure = tally_question::figure;
  const auto name = question.wanted == figure::count ? "event_count "
                    : question.wanted == figure::sum ? "event_sum "
                                                     : "event_last ";
  return name + question.rule->event.text();
}

} // namespace

// What there is no room for is left out.
template <class Append>
void check_inputs::add_member(std::string_view name, Append append) {
  const auto size = text_.size();
  if (size > 1)
    text_ += ',';
  append_text(text_, name);
  text_ += ':';
  append(text_);
  if (text_.size() >= check_inputs_bytes_max)
    text_.resize(size);
}

check_inputs& check_inputs::add(std::string_view name, std::string_view text) {
  add_member(name, [text](std::string& out) {
    append_text(out, text);
  });
  return *this;
}

check_inputs& check_inputs::add(std::string_view name, std::uint64_t count) {
  add_member(name, [count](std::string& out) {
    out += std::to_string(count);
  });
  return *this;
}

check_inputs& check_inputs::add(std::string_view name, timestamp at) {
  return add(name, std::string_view{to_iso8601(at)});
}

check_inputs& check_inputs::add(const condition& asked,
                                const condition_data& data) {
  asked.each_read(data,
                  [this](const std::string& path, const json::value* value) {
                    if (path.size() > value_bytes_max)
                      return; // it says nothing when it is cut
                    add_member(path, [value](std::string& out) {
                      if (value == nullptr)
                        out += "null";
                      else
                        append_value(out, *value);
                    });
                  });
  for (const auto& question : asked.questions()) {
    const auto figure = data.tallied(question);
    add_member(described(question), [&figure](std::string& out) {
      append_json(out, figure ? number_value(*figure) : json::value{});
    });
  }
  return *this;
}

std::string check_inputs::take() {
  text_ += '}';
  return std::move(text_);
}

} // namespace troupe::engine
