// Serves differential.py: one command a line on standard input, one line of answer each.
//   types                       every root type, as PROTOCOL/NAME
//   random PROTOCOL TYPE SEED   the encoding of a random value, in hex
//   again PROTOCOL TYPE HEX     decoded and encoded again, in hex; or "error: ..." and what was wrong

#include "tests/stack/asn1/random_value.h"
#include "tests/stack/asn1/reference_data.h"
#include "tests/stack/asn1/root_types.h"

#include <iostream>
#include <sstream>
#include <string>

using namespace ravi::asn1;

namespace {

std::string encoded(const AnyValue& value)
{
  const EncodeResult bytes = value.encode();
  return bytes ? to_hex(*bytes) : "error: " + to_string(bytes.error());
}

std::string answer(const std::string& line)
{
  std::istringstream words(line);
  std::string verb, protocol, name, argument;
  words >> verb >> protocol >> name >> argument;
  if (verb == "types") {
    std::string list;
    for (const RootType& type : root_types()) list += std::string(type.protocol) + "/" + type.type->name + " ";
    return list;
  }
  const RootType* const root = find_root_type(protocol, name);
  if (root == nullptr) return "error: no such type";
  const AnyValue value(*root);
  if (verb == "random") {
    Random random(std::stoull(argument));
    int budget = 20 << random() % 5;
    fill_random(*root->type, value.get(), random, budget);
    return encoded(value);
  }
  if (const auto done = value.decode(from_hex(argument)); !done) return "error: " + to_string(done.error());
  return encoded(value);
}

}  // namespace

int main()
{
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << answer(line) << '\n';
  }
}
