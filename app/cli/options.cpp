// SPDX-License-Identifier: Apache-2.0
#include "app/cli/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "core/base/format.h"

namespace salient::cli {
namespace {

constexpr std::size_t kHelpWidth = 100;
constexpr std::size_t kNameColumn = 28;

/// "-o,--output" → "--output".
std::string long_name(const std::string& names) {
  return names.substr(names.find_last_of(',') + 1);
}

std::string key_of(const std::string& name, ValueKind kind) {
  std::string key = name;
  if (key.rfind("--", 0) == 0) key.erase(0, 2);
  if (kind == ValueKind::absent && key.rfind("no-", 0) == 0) key.erase(0, 3);
  std::replace(key.begin(), key.end(), '-', '_');
  return key;
}

std::string quoted(const std::string& text) {
  return "\"" + escape_for_message(text) + "\"";
}

bool parse_integer(const std::string& text, std::int64_t& value) {
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  return problem == std::errc() && stop == end;
}

bool parse_number(const std::string& text, double& value) {
  if (text.empty() || text.find_first_not_of("0123456789+-.eE") != std::string::npos) return false;
  char* stop = nullptr;
  value = std::strtod(text.c_str(), &stop);
  return *stop == '\0' && std::isfinite(value);
}

std::string join(const std::vector<std::string>& names, const char* last) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? last : ", ";
    text += names[i];
  }
  return text;
}

/// `text` broken at spaces, continued under column `indent`.
std::string wrapped(const std::string& text, std::size_t indent) {
  std::string out;
  std::size_t column = indent;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    if (column > indent && column + word.size() + 1 > kHelpWidth) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
    begin = end + 1;
  }
  return out;
}

std::string help_line(const std::string& name, const std::string& description) {
  std::string line = "  " + name;
  if (line.size() + 2 > kNameColumn) {
    line += "\n" + std::string(kNameColumn, ' ');
  } else {
    line.resize(kNameColumn, ' ');
  }
  return line + wrapped(description, kNameColumn) + "\n";
}

std::string option_help(const CLI::Option& option) {
  std::string name = option.get_positional() ? option.get_name(true, false) : option.get_name(false, true);
  std::replace(name.begin(), name.end(), ',', ' ');
  if (!option.get_positional() && !option.get_type_name().empty()) name += " " + option.get_type_name();
  std::string description = option.get_description();
  if (!option.get_default_str().empty()) description += " [default: " + option.get_default_str() + "]";
  if (option.get_option_text() == "required") description += " [required]";
  return help_line(name, description);
}

}  // namespace

void Options::declare(ValueKind kind, OptionSpec spec) {
  const bool is_flag = kind == ValueKind::present || kind == ValueKind::absent;
  CLI::Option* option = nullptr;
  if (is_flag) {
    option = app_->add_flag(spec.name)->description(spec.description);
  } else if (kind == ValueKind::integers) {
    option = app_->add_option_function<std::vector<std::string>>(
        spec.name, [](const std::vector<std::string>&) {}, spec.description);
  } else {
    option = app_->add_option_function<std::string>(
        spec.name, [](const std::string&) {}, spec.description);
  }
  // A flag's type name stays empty: that is how --help knows that it takes no value.
  if (!is_flag) option->type_name(spec.type);
  if (!spec.fallback.empty()) option->default_str(spec.fallback);
  option->group(group_);
  if (spec.required) option->option_text("required");
  const std::string name = long_name(spec.name);
  declared_.push_back(
      {option, name, spec.key.empty() ? key_of(name, kind) : spec.key, kind, spec.required, spec.local});
}

Error Options::usage(const std::string& key, std::string expected, std::string found) const {
  const std::string path = command_path(*app_);
  return {ErrorCode::usage, path, key, std::move(expected), std::move(found), "see " + path + " --help"};
}

Result<Json> Options::convert(const Declared& declared) const {
  const auto results = declared.option->results();
  const std::string value = results.empty() ? std::string() : results.back();
  switch (declared.kind) {
    case ValueKind::text: return Json(value);
    case ValueKind::integer: {
      std::int64_t number = 0;
      if (!parse_integer(value, number)) return usage(declared.name, "an integer", quoted(value));
      return Json(number);
    }
    case ValueKind::integers: {
      Json list = Json::array();
      for (const std::string& item : results) {
        std::int64_t number = 0;
        if (!parse_integer(item, number)) return usage(declared.name, "integers", quoted(item));
        list.push_back(number);
      }
      return list;
    }
    case ValueKind::number: {
      double number = 0;
      if (!parse_number(value, number)) return usage(declared.name, "a number", quoted(value));
      return Json(number);
    }
    case ValueKind::bytes: {
      auto size = parse_bytes(value);
      if (!size) {
        size.error().file = command_path(*app_);
        size.error().key = declared.name;
        return std::move(size).error();
      }
      return Json(*size);
    }
    case ValueKind::present: return Json(true);
    case ValueKind::absent: return Json(false);
  }
  return Json();
}

Result<Json> Options::given() const {
  for (const auto& names : choices_) {
    std::vector<std::string> used;
    std::copy_if(names.begin(), names.end(), std::back_inserter(used), [this](const auto& name) { return has(name); });
    if (used.size() != 1) {
      return usage(join(names, " or "), "exactly one of them", used.empty() ? "none" : join(used, " and "));
    }
  }
  Json request = Json::object();
  for (const Declared& declared : declared_) {
    if (declared.option->count() == 0) {
      if (declared.required) return usage(declared.name, declared.option->get_type_name(), "nothing");
      continue;
    }
    if (declared.local) continue;
    SALIENT_ASSIGN(request[declared.key], convert(declared));
  }
  return request;
}

bool Options::has(const std::string& name) const {
  return std::any_of(declared_.begin(), declared_.end(),
                     [&](const Declared& declared) { return declared.name == name && declared.option->count() > 0; });
}

std::string Options::option_of(const std::string& key) const {
  const auto found =
      std::find_if(declared_.begin(), declared_.end(), [&](const Declared& declared) { return declared.key == key; });
  return found == declared_.end() ? key : found->name;
}

std::string command_path(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name() : command_path(*app.get_parent()) + " " + app.get_name();
}

std::string help_text(const CLI::App& app) {
  std::string usage = command_path(app);
  std::string arguments;
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_positional()) continue;
    const std::string name = option->get_type_name();
    usage += option->get_option_text() == "required" ? " " + name : " [" + name + "]";
    arguments += option_help(*option);
  }
  const auto subcommands = app.get_subcommands([](const CLI::App*) { return true; });
  if (!subcommands.empty()) usage += " COMMAND";

  std::string text = wrapped(app.get_description(), 0) + "\n\nUsage: " + usage + " [OPTIONS]\n";
  if (!arguments.empty()) text += "\nArguments:\n" + arguments;
  if (!subcommands.empty()) {
    text += "\nCommands:\n";
    for (const CLI::App* command : subcommands)
      text += help_line(command->get_name(), command->get_description());
  }
  for (const std::string& group : app.get_groups()) {
    std::string lines;
    for (const CLI::Option* option : app.get_options()) {
      if (!option->get_positional() && option->get_group() == group) lines += option_help(*option);
    }
    if (!lines.empty()) text += "\n" + group + ":\n" + lines;
  }
  if (!app.get_footer().empty()) text += "\n" + app.get_footer() + "\n";
  return text;
}

}  // namespace salient::cli
