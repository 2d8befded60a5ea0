#include "engine/json_logic_value.hpp"
#include "engine/json_pointer.hpp"
#include "engine/template_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

namespace troupe::engine {

namespace {

using boost::json::value;

constexpr std::size_t depth_max = 32;

/// Only these are rendered; all other texts are copied with the skeleton.
bool is_template(const boost::json::string& text) {
  return text_of(text).find("{{") != std::string_view::npos;
}

class compiler {
public:
  compiler(const template_options& options, std::string pointer)
    : options_(options), pointer_(std::move(pointer)) {}

  status walk(const value& source, std::size_t depth) {
    if (const auto* text = source.if_string())
      return is_template(*text) ? add(*text) : success();
    const auto* array = source.if_array();
    const auto* object = source.if_object();
    if (array == nullptr && object == nullptr)
      return success();
    if (depth == depth_max)
      return invalid("template_too_deep",
                     "Arrays and objects may be nested 32 deep at most.",
                     pointer_);
    if (object != nullptr) {
      for (const auto& [key, member] : *object)
        if (auto done = step({key.data(), key.size()}, member, depth + 1);
            !done)
          return done;
      return success();
    }
    for (std::size_t i = 0; i < array->size(); ++i)
      if (auto done = step(std::to_string(i), (*array)[i], depth + 1); !done)
        return done;
    return success();
  }

  std::vector<template_text> take() && {
    return std::move(texts_);
  }

private:
  status step(std::string_view token, const value& to, std::size_t depth) {
    const auto size = pointer_.size();
    append_pointer(pointer_, token);
    auto done = walk(to, depth);
    pointer_.resize(size);
    return done;
  }

  status add(const boost::json::string& text) {
    auto made = template_text::compile(text_of(text), options_, pointer_);
    if (!made)
      return made.failure();
    texts_.push_back(std::move(*made));
    return success();
  }

  const template_options& options_;
  std::string pointer_;
  std::vector<template_text> texts_;
};

/// Replaces the templates of a copied skeleton, in the order of the walk.
class renderer {
public:
  renderer(const std::vector<template_text>& texts, const template_data& data,
           unresolved_paths& unresolved, template_budget& budget)
    : next_(texts.begin()),
      data_(data),
      unresolved_(unresolved),
      budget_(budget) {}

  status walk(value& at) {
    if (auto* text = at.if_string())
      return is_template(*text) ? replace(*text) : success();
    if (auto* object = at.if_object()) {
      for (auto& member : *object)
        if (auto done = walk(member.value()); !done)
          return done;
    } else if (auto* array = at.if_array()) {
      for (auto& element : *array)
        if (auto done = walk(element); !done)
          return done;
    }
    return success();
  }

private:
  status replace(boost::json::string& text) {
    scratch_.clear();
    if (auto done = (next_++)->render(data_, scratch_, unresolved_, budget_);
        !done)
      return done;
    text.assign(scratch_.data(), scratch_.size());
    return success();
  }

  std::vector<template_text>::const_iterator next_;
  const template_data& data_;
  unresolved_paths& unresolved_;
  template_budget& budget_;
  std::string scratch_;
};

} // namespace

result<template_json> template_json::compile(const value& source,
                                             const template_options& options,
                                             std::string pointer_prefix) {
  compiler run{options, std::move(pointer_prefix)};
  if (auto done = run.walk(source, 0); !done)
    return done.failure();
  template_json made;
  made.skeleton_ = value(source, boost::json::storage_ptr{});
  made.options_ = options;
  made.texts_ = std::move(run).take();
  return made;
}

result<rendered_json> template_json::render(const template_data& data) const {
  rendered_json made;
  template_budget budget{template_steps_max, options_.output_bytes_max};
  auto value = render(data, made.unresolved, budget);
  if (!value)
    return value.failure();
  made.value = std::move(*value);
  return made;
}

result<value> template_json::render(const template_data& data,
                                    unresolved_paths& unresolved,
                                    template_budget& budget) const {
  auto made = skeleton_;
  renderer run{texts_, data, unresolved, budget};
  if (auto done = run.walk(made); !done)
    return done.failure();
  return made;
}

} // namespace troupe::engine
