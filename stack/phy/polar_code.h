#pragma once
// Polar codes: which bit carries what, encoding, rate matching and its inverse. TS 38.212 §5.3.1 and §5.4.1.

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace ravi::phy {

/// The two ways the standard sets a polar code up.
enum class PolarLink : std::uint8_t {
  downlink,  ///< PBCH and DCI: n_max 9, bits interleaved before the encoder, TS 38.212 §7.1.4 and §7.3.3
  uplink,    ///< UCI: n_max 10, parity-check bits for small blocks, coded bits interleaved, TS 38.212 §6.3.1.3.1 and §6.3.1.4.1
};

enum class PolarBit : std::uint8_t { frozen, information, parity };

enum class PolarSelection : std::uint8_t { repetition, puncturing, shortening };  ///< TS 38.212 §5.4.1.2

inline constexpr unsigned kMaxPolarLength = 1024;       ///< N
inline constexpr unsigned kMaxPolarCodedBits = 8192;    ///< E
inline constexpr unsigned kMaxPolarDownlinkBits = 164;  ///< K with the interleaver before the encoder

/// Everything that K, E and the link decide. A plain value; making one takes a few microseconds and no heap.
struct PolarCode {
  PolarLink link = PolarLink::downlink;
  PolarSelection selection = PolarSelection::repetition;
  unsigned num_bits = 0;        ///< K, CRC included
  unsigned num_coded_bits = 0;  ///< E
  unsigned stages = 0;          ///< n
  unsigned length = 0;          ///< N = 2^n
  unsigned num_parity = 0;      ///< n_PC
  std::array<PolarBit, kMaxPolarLength> role{};             ///< of u_0 .. u_(N-1)
  std::array<std::uint16_t, kMaxPolarLength> frozen_run{};  ///< frozen bits from this one on, up to the next that is not
};

/// Nothing when the standard has no such code: K = 0, K + n_PC > E, K > 164 downlink, E > 8192, or too few bits left over.
[[nodiscard]] std::optional<PolarCode> make_polar_code(unsigned num_bits, unsigned num_coded_bits, PolarLink link) noexcept;

/// K bits (CRC attached, one a byte) to E coded bits, in the order they are sent.
void encode_polar(const PolarCode& code, std::span<const std::uint8_t> bits, std::span<std::uint8_t> coded) noexcept;

/// An LLR that outweighs any received one: of the bits that shortening leaves out.
inline constexpr std::int16_t kPolarKnownZero = 16383;

/// E received LLRs to the N of the mother code: repetitions added, punctured 0, shortened kPolarKnownZero.
void recover_polar_rate(const PolarCode& code, std::span<const std::int8_t> llrs, std::span<std::int16_t> mother) noexcept;

/// c'_k = c_Pi(k), TS 38.212 §5.3.1.1: Pi(k) of each k. K <= 164.
void polar_input_interleaver(unsigned num_bits, std::span<std::uint8_t> pi) noexcept;

}  // namespace ravi::phy
