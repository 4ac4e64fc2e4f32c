#include "stack/phy/transport_block.h"

#include "stack/phy/bit_packing.h"

#include <algorithm>
#include <cassert>

namespace ravi::phy {
namespace {

constexpr std::size_t kMaxInfo = std::size_t{kMaxLdpcInfoColumns} * kMaxLiftingSize;
constexpr std::size_t kMaxCodeword = std::size_t{kMaxLdpcColumns - kNumPuncturedColumns} * kMaxLiftingSize;

/// N_cb of TS 38.212 §5.4.2.1, with R_LBRM = 2/3.
unsigned circular_buffer_size(const CodeBlockSegmentation& blocks, unsigned tbs_lbrm_bytes)
{
  const unsigned n = ldpc_code_length(blocks.graph, blocks.z);
  if (tbs_lbrm_bytes == 0) return n;
  const std::uint64_t n_ref = std::uint64_t{tbs_lbrm_bytes} * 8 * 3 / (std::uint64_t{blocks.num_code_blocks} * 2);
  return static_cast<unsigned>(std::min<std::uint64_t>(n, n_ref));
}

/// Code blocks and soft values that a transport block of up to max_tbs_bytes can need.
struct Bounds {
  std::size_t num_code_blocks;
  std::size_t num_soft;
};

/// Base graph 2 makes the most code blocks, either graph may fill the most memory: N is at most 50 or 66 x 384.
Bounds bounds_of(std::size_t max_tbs_bytes)
{
  const std::size_t bits = 8 * max_tbs_bytes + 24;
  const std::size_t blocks_bg2 = bits / (3840 - 24) + 1;
  const std::size_t blocks_bg1 = bits / (8448 - 24) + 1;
  return {blocks_bg2, std::max(blocks_bg2 * ldpc_code_length(nr::LdpcBaseGraph::bg2, kMaxLiftingSize),
                               blocks_bg1 * ldpc_code_length(nr::LdpcBaseGraph::bg1, kMaxLiftingSize))};
}

}  // namespace

HarqSoftBuffer::HarqSoftBuffer(std::size_t max_tbs_bytes) : max_tbs_bytes_(max_tbs_bytes)
{
  const Bounds bounds = bounds_of(max_tbs_bytes);
  soft_.resize(bounds.num_soft);
  payload_.resize(max_tbs_bytes + 3);
  end_of_sent_.resize(bounds.num_code_blocks);
  is_decoded_.resize(bounds.num_code_blocks);
}

std::optional<SchPlan> plan_sch(const nr::SchConfig& config, std::size_t num_bits, unsigned num_layers) noexcept
{
  constexpr unsigned kMaxBytes = 1U << 20U;
  if (config.base_graph < 1 || config.base_graph > 2 || config.tbs_bytes > kMaxBytes) return std::nullopt;
  const auto blocks = segment(8 * config.tbs_bytes, static_cast<nr::LdpcBaseGraph>(config.base_graph));
  if (!blocks) return std::nullopt;
  SchPlan plan;
  plan.blocks = *blocks;
  plan.matching = {.graph = blocks->graph,
                   .z = blocks->z,
                   .num_info_bits = blocks->num_info_bits,
                   .buffer_size = circular_buffer_size(*blocks, config.tbs_lbrm_bytes),
                   .redundancy_version = config.redundancy_version,
                   .bits_per_symbol = nr::bits_per_symbol(config.modulation)};
  plan.num_bits = num_bits;
  plan.num_layers = num_layers;
  if (num_layers == 0 || !is_valid(plan.matching)) return std::nullopt;
  const std::size_t unit = std::size_t{num_layers} * plan.matching.bits_per_symbol;
  if (num_bits % unit != 0 || num_bits / unit < blocks->num_code_blocks) return std::nullopt;
  return plan;
}

// -- encoder ----------------------------------------------------------------------------------------------------------

SchEncoder::SchEncoder() : ldpc_(std::make_unique<LdpcEncoder>()), info_(kMaxInfo), codeword_(kMaxCodeword) {}

bool SchEncoder::encode(std::span<const std::uint8_t> payload, const nr::SchConfig& config, std::span<std::uint8_t> bits,
                        unsigned num_layers) noexcept
{
  const auto plan = plan_sch(config, bits.size(), num_layers);
  if (!plan || payload.size() != config.tbs_bytes) return false;
  const CodeBlockSegmentation& blocks = plan->blocks;
  const std::size_t payload_bits = 8 * payload.size();
  const std::uint32_t parity = crc_of_bytes(blocks.transport_block_crc, payload);  // TS 38.212 §7.2.1, §6.2.1

  std::size_t taken = 0;
  for (unsigned r = 0; r < blocks.num_code_blocks; ++r) {  // TS 38.212 §5.2.2
    const std::span info = std::span(info_).first(std::size_t{ldpc_shape(blocks.graph).num_info_columns} * blocks.z);
    const std::size_t from_block = blocks.num_payload_bits();
    const std::size_t from_payload = std::min(from_block, payload_bits - std::min(payload_bits, taken));
    unpack_bits_from(payload, taken, info.first(from_payload));
    if (from_payload < from_block) {  // the transport block's CRC: all of it in the last code block, or cut by its border
      std::array<std::uint8_t, 24> parity_bits{};
      const unsigned length = crc_length(blocks.transport_block_crc);
      write_crc_bits(blocks.transport_block_crc, parity, std::span(parity_bits).first(length));
      const std::size_t first = taken + from_payload - payload_bits;
      std::copy_n(parity_bits.begin() + static_cast<std::ptrdiff_t>(first), from_block - from_payload,
                  info.begin() + static_cast<std::ptrdiff_t>(from_payload));
    }
    taken += from_block;
    if (blocks.num_code_blocks > 1) {
      write_crc_bits(Crc::crc24b, crc_of_bits(Crc::crc24b, info.first(from_block)), info.subspan(from_block, 24));
    }
    std::ranges::fill(info.subspan(blocks.num_info_bits), std::uint8_t{0});  // fillers

    const std::span out = bits.first(plan->block_length(r));
    const std::span codeword = std::span(codeword_).first(ldpc_end_of_sent(plan->matching, out.size()));
    ldpc_->encode(blocks.graph, blocks.z, info, codeword);  // TS 38.212 §5.3.2
    match_rate(plan->matching, codeword, out);              // TS 38.212 §5.4.2
    bits = bits.subspan(out.size());                        // TS 38.212 §5.5
  }
  return true;
}

// -- decoder ----------------------------------------------------------------------------------------------------------

SchDecoder::SchDecoder() : ldpc_(std::make_unique<LdpcDecoder>()) {}

/// Readies `harq` for new data.
void SchDecoder::start(const SchPlan& plan, std::size_t tbs_bytes, HarqSoftBuffer& harq) const noexcept
{
  harq.tbs_bytes_ = tbs_bytes;
  harq.blocks_ = plan.blocks;
  harq.buffer_size_ = plan.matching.buffer_size;
  const std::size_t num_blocks = plan.blocks.num_code_blocks;
  std::ranges::fill(std::span(harq.soft_).first(num_blocks * harq.buffer_size_), std::int8_t{0});
  std::ranges::fill(std::span(harq.payload_).first(tbs_bytes + 3), std::uint8_t{0});
  std::ranges::fill(std::span(harq.end_of_sent_).first(num_blocks), 0U);
  std::ranges::fill(std::span(harq.is_decoded_).first(num_blocks), std::uint8_t{0});
}

/// The decoded code block in info_ goes to its bits of the transport block.
void SchDecoder::store_block(const SchPlan& plan, unsigned r, HarqSoftBuffer& harq) noexcept
{
  const std::size_t num_bits = plan.blocks.num_payload_bits();
  const std::size_t first = r * num_bits;
  std::uint8_t* out = &harq.payload_[first / 8];
  const unsigned shift = first % 8;
  const std::size_t num_bytes = (num_bits + 7) / 8;
  for (std::size_t i = 0; i < num_bytes; ++i) {
    const std::size_t bits_here = std::min<std::size_t>(8, num_bits - 8 * i);
    const auto byte = static_cast<unsigned>(info_[i] & (0xFF00U >> bits_here));
    out[i] = static_cast<std::uint8_t>(out[i] | (byte >> shift));
    if (bits_here + shift > 8) out[i + 1] = static_cast<std::uint8_t>(out[i + 1] | ((byte << (8 - shift)) & 0xFFU));
  }
}

SchResult SchDecoder::decode(std::span<const std::int8_t> llrs, const nr::SchConfig& config, HarqSoftBuffer& harq,
                             std::span<std::uint8_t> payload, unsigned num_layers, unsigned max_num_iterations) noexcept
{
  const auto plan = plan_sch(config, llrs.size(), num_layers);
  if (!plan || payload.size() != config.tbs_bytes || config.tbs_bytes > harq.max_tbs_bytes()) return {};
  assert(max_num_iterations > 0);
  const CodeBlockSegmentation& blocks = plan->blocks;
  const bool is_same = harq.tbs_bytes_ == config.tbs_bytes && harq.blocks_.graph == blocks.graph &&
                       harq.buffer_size_ == plan->matching.buffer_size;
  if (!is_same) start(*plan, config.tbs_bytes, harq);

  SchResult result{.num_code_blocks = blocks.num_code_blocks};
  LdpcBlock block{.graph = blocks.graph,
                  .z = blocks.z,
                  .num_info_bits = blocks.num_info_bits,
                  .crc = blocks.code_block_crc(),
                  .max_num_iterations = max_num_iterations};
  const std::span info = std::span(info_).first((blocks.num_info_bits + 7) / 8);
  for (unsigned r = 0; r < blocks.num_code_blocks; ++r) {
    const std::span in = llrs.first(plan->block_length(r));  // TS 38.212 §5.5
    llrs = llrs.subspan(in.size());
    if (harq.is_decoded_[r] != 0) continue;
    const std::span soft = std::span(harq.soft_).subspan(std::size_t{r} * harq.buffer_size_, harq.buffer_size_);
    recover_rate(plan->matching, in, soft);  // TS 38.212 §5.4.2
    harq.end_of_sent_[r] = std::max(harq.end_of_sent_[r], ldpc_end_of_sent(plan->matching, in.size()));
    const LdpcResult decoded = ldpc_->decode(block, soft.first(harq.end_of_sent_[r]), info);  // TS 38.212 §5.3.2
    result.num_iterations += decoded.num_iterations;
    if (decoded.is_crc_ok) {
      harq.is_decoded_[r] = 1;
      store_block(*plan, r, harq);  // TS 38.212 §5.2.2
    } else {
      ++result.num_failed_code_blocks;
    }
  }
  const std::span decoded = std::span(harq.payload_).first(config.tbs_bytes + crc_length(blocks.transport_block_crc) / 8);
  result.is_crc_ok = result.num_failed_code_blocks == 0 && crc_of_bytes(blocks.transport_block_crc, decoded) == 0;
  std::ranges::copy(decoded.first(payload.size()), payload.begin());
  if (result.num_failed_code_blocks == 0 && !result.is_crc_ok) {  // some code block's CRC held by chance: decode all anew
    std::ranges::fill(std::span(harq.is_decoded_).first(blocks.num_code_blocks), std::uint8_t{0});
    std::ranges::fill(decoded, std::uint8_t{0});
  }
  return result;
}

}  // namespace ravi::phy
