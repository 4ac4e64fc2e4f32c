#include "stack/asn1/values.h"

#include <algorithm>

namespace ravi::asn1 {

BitString BitString::from(std::uint64_t value, std::size_t size)
{
  BitString result{.bytes = Octets((size + 7) / 8), .size = size};
  for (std::size_t i = 0; i < size; ++i) {
    const unsigned bit = static_cast<unsigned>(value >> (size - 1 - i)) & 1;
    result.bytes[i / 8] = static_cast<std::uint8_t>(result.bytes[i / 8] | bit << (7 - i % 8));
  }
  return result;
}

std::uint64_t BitString::value() const noexcept
{
  const std::size_t count = std::min<std::size_t>({size, 64, bytes.size() * 8});
  std::uint64_t result = 0;
  for (std::size_t i = 0; i < count; ++i) {
    result = result << 1 | (bytes[i / 8] >> (7 - i % 8) & 1u);
  }
  return result;
}

void Choice::clear() noexcept
{
  if (value_ != nullptr) {
    ops_->destroy(value_);
  }
  ops_ = nullptr;
  value_ = nullptr;
  index_ = 0;
}

void* Choice::raw_set(unsigned index, const ValueOps& ops)
{
  clear();
  value_ = ops.create();
  ops_ = &ops;
  index_ = index;
  return value_;
}

}  // namespace ravi::asn1
