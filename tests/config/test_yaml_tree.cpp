#include "config/yaml_tree.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

using namespace ravi::config;

TEST_CASE("YAML tree: maps, lists and values with the lines they stand in")
{
  const auto root = parse_yaml("a: 1\nb:\n  - x\n  - {c: 'two words'}\nd:\n");
  REQUIRE(root);
  CHECK(root->kind == YamlNode::Kind::map);
  REQUIRE(root->find("b") != nullptr);
  const YamlNode& list = *root->find("b");
  REQUIRE(list.children.size() == 2);
  CHECK(list.children[0].text == "x");
  CHECK(list.children[0].line == 3);
  CHECK(list.children[1].find("c")->text == "two words");
  CHECK(list.children[1].find("c")->line == 4);
  CHECK(root->key_lines[2] == 5);
  CHECK(root->find("d")->kind == YamlNode::Kind::null);
  CHECK(root->find("e") == nullptr);
}

TEST_CASE("YAML tree: what could blow up is refused where it stands")
{
  CHECK(parse_yaml("a: &x [1, 2]\nb: *x\n").error().line == 1);
  CHECK(parse_yaml("a: 1\n---\nb: 2\n").error().message.find("more than one") != std::string::npos);
  CHECK(parse_yaml("a: !!binary abc\n").error().message.find("tags") != std::string::npos);
  CHECK_FALSE(parse_yaml("? [a, b]\n: c\n"));
  CHECK(parse_yaml("a: b: c\n").error().line == 1);
  CHECK(parse_yaml(std::string(2'000'000, 'a')).error().message.find("bytes") != std::string::npos);
  CHECK_FALSE(parse_yaml(std::string(100'000, '[')));
  CHECK_FALSE(parse_yaml(std::string(100'000, '{')));
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  CHECK(parse_yaml(deep).error().message.find("deep") != std::string::npos);
  std::string indented;
  for (int depth = 0; depth < 300; ++depth) indented += std::string(static_cast<std::size_t>(depth), ' ') + "a:\n";
  CHECK_FALSE(parse_yaml(indented));
  std::string long_list;
  for (int i = 0; i < 30'000; ++i) long_list += "- 1\n";
  CHECK(parse_yaml(long_list).error().message.find("too long") != std::string::npos);
  std::string billion_laughs = "a: &a [lol]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    billion_laughs += std::string(1, c) + ": &" + c + " [*" + static_cast<char>(c - 1) + ", *" +
                      static_cast<char>(c - 1) + "]\n";
  }
  CHECK_FALSE(parse_yaml(billion_laughs));
}

TEST_CASE("YAML tree: every truncation and many random bytes end in a tree or a fault")
{
  const std::string text = "a: {b: [1, 'x', \"y\\n\"], c: |\n   z\n  }\nd: >\n  folded\ne: # comment\n - - 1\n";
  for (std::size_t length = 0; length <= text.size(); ++length) {
    static_cast<void>(parse_yaml(std::string_view(text).substr(0, length)).has_value());
  }
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    std::string changed = text;
    for (int flip = 0; flip < 4; ++flip) {
      changed[random() % changed.size()] = static_cast<char>(random() & 0xFF);
    }
    static_cast<void>(parse_yaml(changed).has_value());
  }
}
