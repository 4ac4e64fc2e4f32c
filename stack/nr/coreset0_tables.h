#pragma once
// Declarations of the tables of CORESET#0 and SearchSpace#0, read through coreset0.h.

#include "stack/nr/coreset0.h"

#include <array>

namespace ravi::nr::tables {

extern const std::array<Coreset0, 15> kCoreset0Table13v1;
extern const std::array<Coreset0, 14> kCoreset0Table13v2;
extern const std::array<Coreset0, 9> kCoreset0Table13v3;
extern const std::array<Coreset0, 16> kCoreset0Table13v4;
extern const std::array<Coreset0, 9> kCoreset0Table13v5;
extern const std::array<Coreset0, 10> kCoreset0Table13v6;
extern const std::array<SearchSpace0, 16> kSearchSpace0;

}  // namespace ravi::nr::tables
