#include "config/yaml_tree.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <sstream>

namespace ravi::config {
namespace {

std::size_t line_of(const YAML::Mark& mark) { return mark.line < 0 ? 1 : static_cast<std::size_t>(mark.line) + 1; }

/// Stops yaml-cpp's parser; never leaves this file.
struct Refusal {
  Fault fault;
};

/// Builds the tree event by event, so that limits hold before memory is spent.
class TreeBuilder : public YAML::EventHandler {
public:
  explicit TreeBuilder(const YamlLimits& limits) : limits_(limits) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { leaf(mark, anchor, YamlNode::Kind::null, ""); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override
  {
    throw Refusal{{line_of(mark), "anchors and aliases (& and *) are not used here: write the value out"}};
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& value) override
  {
    check_tag(mark, tag);
    leaf(mark, anchor, YamlNode::Kind::scalar, value);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override
  {
    check_tag(mark, tag);
    open(mark, anchor, YamlNode::Kind::sequence);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override
  {
    check_tag(mark, tag);
    open(mark, anchor, YamlNode::Kind::map);
  }
  void OnMapEnd() override { close(); }

  [[nodiscard]] YamlNode take_root() { return std::move(root_); }

private:
  static void check_tag(const YAML::Mark& mark, const std::string& tag)
  {
    if (tag.empty() || tag == "?" || tag == "!") return;
    throw Refusal{{line_of(mark), fmt::format("tags such as {} are not used here", tag)}};
  }

  void check_limits(const YAML::Mark& mark, YAML::anchor_t anchor)
  {
    if (anchor != 0) OnAlias(mark, anchor);
    if (++num_nodes_ > limits_.nodes) {
      throw Refusal{{line_of(mark), fmt::format("more than {} values: too long for a configuration", limits_.nodes)}};
    }
    if (open_.size() >= limits_.depth) {
      throw Refusal{{line_of(mark), fmt::format("nested more than {} deep", limits_.depth)}};
    }
  }

  [[nodiscard]] bool expects_key() const
  {
    return !open_.empty() && open_.back().kind == YamlNode::Kind::map &&
           open_.back().keys.size() == open_.back().children.size();
  }

  void leaf(const YAML::Mark& mark, YAML::anchor_t anchor, YamlNode::Kind kind, const std::string& value)
  {
    check_limits(mark, anchor);
    if (expects_key()) {
      open_.back().keys.push_back(value);
      open_.back().key_lines.push_back(line_of(mark));
      return;
    }
    YamlNode node;
    node.kind = kind;
    node.line = line_of(mark);
    node.text = value;
    add(std::move(node));
  }

  void open(const YAML::Mark& mark, YAML::anchor_t anchor, YamlNode::Kind kind)
  {
    check_limits(mark, anchor);
    if (expects_key()) throw Refusal{{line_of(mark), "a key must be one word, not a list or a map"}};
    YamlNode node;
    node.kind = kind;
    node.line = line_of(mark);
    open_.push_back(std::move(node));
  }

  void close()
  {
    YamlNode node = std::move(open_.back());
    open_.pop_back();
    add(std::move(node));
  }

  void add(YamlNode node)
  {
    if (open_.empty()) {
      root_ = std::move(node);
    } else {
      open_.back().children.push_back(std::move(node));
    }
  }

  YamlLimits limits_;
  std::size_t num_nodes_ = 0;
  std::vector<YamlNode> open_;
  YamlNode root_;
};

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const
{
  const auto found = std::find(keys.begin(), keys.end(), key);
  return found == keys.end() ? nullptr : &children[static_cast<std::size_t>(found - keys.begin())];
}

tl::expected<YamlNode, Fault> parse_yaml(std::string_view text, const YamlLimits& limits)
{
  if (text.size() > limits.bytes) {
    return tl::unexpected(Fault{1, fmt::format("{} bytes: more than {} is no configuration", text.size(), limits.bytes)});
  }
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder tree(limits);
    if (!parser.HandleNextDocument(tree)) return YamlNode{};
    YamlNode root = tree.take_root();
    TreeBuilder rest(limits);
    if (parser.HandleNextDocument(rest)) {
      return tl::unexpected(Fault{root.line, "more than one YAML document (---): only one is used"});
    }
    return root;
  } catch (const Refusal& refusal) {
    return tl::unexpected(refusal.fault);
  } catch (const YAML::Exception& error) {
    return tl::unexpected(Fault{line_of(error.mark), fmt::format("not YAML: {}", error.msg)});
  } catch (const std::exception& error) {
    return tl::unexpected(Fault{1, fmt::format("not YAML: {}", error.what())});
  }
}

}  // namespace ravi::config
