#pragma once
// Random values of any described type, all of them encodable, from a seed.

#include "stack/asn1/type.h"

#include <cstdint>
#include <random>

namespace ravi::asn1 {

using Random = std::mt19937_64;

/// Fills a default-constructed value of `type` at `out`. `budget` bounds the number of components: once it is used up,
/// optional ones stay away and lists are as short as allowed.
void fill_random(const Type& type, void* out, Random& random, int& budget);

}  // namespace ravi::asn1
