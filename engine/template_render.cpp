#include "engine/template_render.hpp"

#include "engine/json_find.hpp"
#include "engine/json_logic_value.hpp"
#include "engine/template_values.hpp"

#include <algorithm>
#include <utility>

namespace troupe::engine {

namespace json = boost::json;

namespace {

using start = template_path::start;

constexpr std::size_t unresolved_max = 100;

// Stand in for a context that has no value of its own: the roots and bare
// objects together, and what handlebars.js hands to a helper for null.
const json::value root_marker = json::object{};
const json::value null_context = json::object{};

const json::value yes = true;
const json::value no = false;

const json::value* boolean(bool value) {
  return value ? &yes : &no;
}

} // namespace

template_renderer::template_renderer(const template_program& program,
                                     const template_data& data,
                                     bool escape_html, std::string& out,
                                     unresolved_paths& unresolved,
                                     template_budget& budget)
  : program_(program),
    data_(data),
    escape_html_(escape_html),
    out_(out),
    unresolved_(unresolved),
    budget_(budget),
    out_before_(out.size()),
    root_(&root_marker) {
  // One object is its own root: nothing needs to be put together.
  if (data.roots.empty() && data.bare.size() == 1 && data.bare[0] != nullptr
      && data.bare[0]->is_object())
    root_ = data.bare[0];
  for (const auto& named : data.roots)
    if (named.name == "event")
      event_ = named.value;
  context_ = root_;
  contexts_[0] = root_;
}

status template_renderer::run() {
  const bool fits = render(0, program_.instructions.size());
  const auto bytes = out_.size() - out_before_;
  if (bytes > budget_.bytes)
    return invalid("template_limit", "The rendered text has more than "
                                       + std::to_string(budget_.bytes)
                                       + " bytes.");
  if (!fits)
    return invalid("template_limit", "Rendering takes more than "
                                       + std::to_string(template_steps_max)
                                       + " steps.");
  budget_.bytes -= bytes;
  return success();
}

bool template_renderer::spend(std::size_t steps) {
  if (steps > budget_.steps)
    return false;
  budget_.steps -= steps;
  return true;
}

void template_renderer::charge(std::size_t bytes) {
  budget_.steps -= std::min(bytes / 64, budget_.steps);
}

bool template_renderer::render(std::size_t from, std::size_t to) {
  const auto& instructions = program_.instructions;
  for (auto at = from; at < to; ++at) {
    const auto& next = instructions[at];
    if (!spend(1))
      return false;
    switch (next.kind) {
      case template_instruction::what::text:
        out_.append(program_.texts, next.begin, next.size);
        break;
      case template_instruction::what::value:
        if (!render_value(next))
          return false;
        break;
      case template_instruction::what::block:
        if (!render_block(at))
          return false;
        at = next.end - 1;
        break;
    }
    if (out_.size() - out_before_ > budget_.bytes)
      return false;
  }
  return true;
}

bool template_renderer::render_value(const template_instruction& at) {
  const auto* found = resolve(program_.expressions[at.expression], true);
  if (found != nullptr)
    append_value(out_, *found, escape_html_ && at.escaped);
  return true;
}

bool template_renderer::render_block(std::size_t at) {
  const auto& block = program_.instructions[at];
  const auto& asked = program_.expressions[block.expression];
  const bool must_be_there = !block.has_inverse
                             && (block.helper == template_block::each
                                 || block.helper == template_block::with);
  const auto* subject = resolve(asked, must_be_there);
  if (block.helper == template_block::section)
    return render_section(at, subject);
  // As handlebars.js: a helper's `this` is never null.
  const auto* own = context_->is_null() ? &null_context : context_;
  bool holds = subject != nullptr && is_truthy(*subject);
  switch (block.helper) {
    case template_block::each:
      return render_each(at, subject);
    case template_block::unless:
      holds = !holds;
      break;
    case template_block::with:
      if (holds || (subject != nullptr && subject->is_number()))
        return render_inside(subject, at + 1, block.inverse);
      break;
    default:
      break;
  }
  return holds ? render_inside(own, at + 1, block.inverse)
               : render_inside(own, block.inverse, block.end);
}

bool template_renderer::render_section(std::size_t at, const value* subject) {
  const auto& block = program_.instructions[at];
  const auto* items = subject != nullptr ? subject->if_array() : nullptr;
  if (subject == nullptr || subject->is_null()
      || (subject->is_bool() && !subject->get_bool())
      || (items != nullptr && items->empty()))
    return render_inside(context_, block.inverse, block.end);
  if (items != nullptr)
    return render_each(at, subject);
  return render_inside(subject->is_bool() ? context_ : subject, at + 1,
                       block.inverse);
}

bool template_renderer::render_inside(const value* context, std::size_t from,
                                      std::size_t to) {
  if (from == to)
    return true;
  const auto* outer = contexts_[depth_];
  const bool deeper = !is_same_context(*context, *outer)
                      && !(context == &null_context && outer->is_null());
  const auto* before = std::exchange(context_, context);
  if (deeper)
    contexts_[++depth_] = context;
  const bool fits = render(from, to);
  if (deeper)
    --depth_;
  context_ = before;
  return fits;
}

bool template_renderer::render_each(std::size_t at, const value* subject) {
  const auto& block = program_.instructions[at];
  if (subject != nullptr) {
    const auto* items = subject->if_array();
    const auto* members
      = subject == &root_marker ? &whole_root() : subject->if_object();
    if (items != nullptr && !items->empty())
      return repeat_array(at, *items);
    if (members != nullptr && !members->empty())
      return repeat_object(at, *members);
  }
  return render_inside(context_->is_null() ? &null_context : context_,
                       block.inverse, block.end);
}

bool template_renderer::repeat(std::size_t at, const value* item,
                               repetition& round) {
  if (!spend(1))
    return false;
  repetition_ = &round;
  const bool fits
    = render_inside(item, at + 1, program_.instructions[at].inverse);
  repetition_ = round.outer;
  return fits;
}

bool template_renderer::repeat_array(std::size_t at, const json::array& items) {
  repetition round;
  round.outer = repetition_;
  for (std::size_t i = 0; i < items.size(); ++i) {
    round.index = std::uint64_t{i};
    round.is_last = i + 1 == items.size();
    if (!repeat(at, &items[i], round))
      return false;
  }
  return true;
}

bool template_renderer::repeat_object(std::size_t at, const object& members) {
  repetition round;
  round.outer = repetition_;
  round.is_object = true;
  std::size_t i = 0;
  const auto visit = [&](const json::key_value_pair& member) {
    round.index = std::uint64_t{i};
    round.name = {member.key().data(), member.key().size()};
    round.is_last = ++i == members.size();
    return repeat(at, &member.value(), round);
  };
  if (has_index_keys(members)) {
    for (const auto* member : in_javascript_order(members))
      if (!visit(*member))
        return false;
    return true;
  }
  return std::all_of(members.begin(), members.end(), visit);
}

const json::value* template_renderer::resolve(const template_expression& what,
                                              bool must_be_there) {
  switch (what.kind) {
    case template_expression::what::literal:
      return what.is_undefined ? nullptr : &what.literal;
    case template_expression::what::lookup:
      return look_up(what, must_be_there);
    case template_expression::what::path:
      break;
  }
  const auto* found = what.path.from == start::context ? follow(what.path)
                                                       : follow_data(what.path);
  if (found == nullptr && must_be_there)
    note_missing(what.path);
  return found;
}

const json::value* template_renderer::follow(const template_path& path) {
  if (path.up > depth_)
    return nullptr;
  const auto* at = path.up == 0 ? context_ : contexts_[depth_ - path.up];
  for (const auto& segment : path.segments) {
    if (at == nullptr || at->is_null())
      return nullptr;
    at = property(*at, segment.name, segment.index);
  }
  return at;
}

const json::value* template_renderer::follow_data(const template_path& path) {
  const auto* round = repetition_;
  auto up = path.up;
  for (; up > 0 && round != nullptr; --up)
    round = round->outer;
  if (up > 0)
    return nullptr;
  const value* at = nullptr;
  if (path.from == start::root)
    at = root_;
  else if (round == nullptr)
    return nullptr;
  else if (path.from == start::index)
    at = &round->index;
  else if (path.from == start::first)
    at = boolean(round->index.get_uint64() == 0);
  else if (path.from == start::last)
    at = boolean(round->is_last);
  else
    at = round->is_object ? kept(json::string(round->name)) : &round->index;
  for (const auto& segment : path.segments) {
    // As handlebars.js: what is falsy here stays as it is.
    if (at == nullptr || is_falsy(*at))
      return at;
    at = property(*at, segment.name, segment.index);
  }
  return at;
}

const json::value* template_renderer::look_up(const template_expression& what,
                                              bool must_be_there) {
  const auto* of = resolve(what.arguments[0], must_be_there);
  const auto* key = resolve(what.arguments[1], must_be_there);
  if (of == nullptr || is_falsy(*of))
    return of;
  std::string name;
  if (key == nullptr)
    name = "undefined";
  else
    append_text(name, *key);
  const template_segment segment{name};
  charge(name.size());
  return property(*of, segment.name, segment.index);
}

const json::value* template_renderer::property(const value& of,
                                               std::string_view name,
                                               std::size_t index) {
  if (&of == &root_marker)
    return root_property(name);
  switch (of.kind()) {
    case json::kind::object: {
      const auto& members = of.get_object();
      const auto* found = find_member(members, name);
      return found == nullptr && &of == event_ ? other_properties(members, name)
                                               : found;
    }
    case json::kind::array:
      if (name == "length")
        return kept(of.get_array().size());
      return of.get_array().if_contains(index);
    case json::kind::string:
      return text_property(of.get_string(), name, index);
    default:
      return nullptr;
  }
}

const json::value* template_renderer::text_property(const json::string& of,
                                                    std::string_view name,
                                                    std::size_t index) {
  if (name != "length" && index == template_segment::no_index)
    return nullptr;
  charge(of.size());
  if (name == "length")
    return kept(code_units(text_of(of)));
  auto unit = code_unit(text_of(of), index);
  return unit.empty() ? nullptr : kept(json::string(unit));
}

const json::value*
template_renderer::root_property(std::string_view name) const {
  for (const auto& named : data_.roots)
    if (named.name == name)
      return named.value;
  for (const auto* bare : data_.bare) {
    const auto* members = bare != nullptr ? bare->if_object() : nullptr;
    if (members == nullptr)
      continue;
    if (const auto* found = find_member(*members, name))
      return found;
  }
  return nullptr;
}

const json::object& template_renderer::whole_root() {
  if (whole_root_ == nullptr) {
    object whole;
    for (const auto& named : data_.roots)
      if (named.value != nullptr)
        whole.emplace(named.name, *named.value);
    for (const auto* bare : data_.bare)
      if (bare != nullptr && bare->is_object())
        for (const auto& [key, member] : bare->get_object())
          whole.emplace(key, member);
    whole_root_ = kept(std::move(whole));
  }
  return whole_root_->get_object();
}

const json::value* template_renderer::kept(value made) {
  return &kept_.emplace_front(std::move(made));
}

void template_renderer::note_missing(const template_path& path) {
  if (unresolved_.size() < unresolved_max
      && std::find(unresolved_.begin(), unresolved_.end(), path.written)
           == unresolved_.end())
    unresolved_.push_back(path.written);
}

} // namespace troupe::engine
