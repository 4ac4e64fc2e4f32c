#pragma once
// One node of a `LoopbackAir` as a radio.

#include "drivers/loopback/loopback.h"

namespace ravi {

class LoopbackRadio final : public Radio {
public:
  LoopbackRadio(std::shared_ptr<LoopbackAir> air, std::size_t node);
  ~LoopbackRadio() override;

  [[nodiscard]] RadioDescription describe() const override;
  [[nodiscard]] Result<SampleRate> set_sample_rate(SampleRate rate) override;
  [[nodiscard]] Result<Tune> tune(Direction direction, std::size_t channel, const Tune& tune) override;
  [[nodiscard]] Result<Decibel> set_gain(Direction direction, std::size_t channel, Decibel gain) override;
  [[nodiscard]] Result<Hertz> set_bandwidth(Direction direction, std::size_t channel, Hertz bandwidth) override;
  [[nodiscard]] Result<std::string> set_antenna(Direction direction, std::size_t channel,
                                                std::string_view antenna) override;
  [[nodiscard]] Result<Reference> set_reference(const Reference& reference) override;
  [[nodiscard]] Result<bool> reference_locked() override;
  [[nodiscard]] Result<void> start(SampleTime first) override;
  [[nodiscard]] RxResult receive(IqSpan out) noexcept override;
  [[nodiscard]] TxResult transmit(ConstIqSpan in, SampleTime at, Burst burst) noexcept override;
  void stop() noexcept override;
  [[nodiscard]] Peer peer() const noexcept override;
  [[nodiscard]] RadioCounters counters() const noexcept override;

private:
  struct Counts {
    std::atomic<std::uint64_t> rx_samples{0};
    std::atomic<std::uint64_t> tx_samples{0};
    std::atomic<std::uint64_t> lates{0};
    std::atomic<std::uint64_t> not_finite{0};
  };

  [[nodiscard]] bool takes_part() const noexcept;
  [[nodiscard]] bool fits(std::size_t num_samples) const noexcept;
  [[nodiscard]] TxStatus begin_write(std::int64_t end) noexcept;
  [[nodiscard]] bool pad_up_to(std::int64_t end) noexcept;
  void write(ConstIqSpan in, std::int64_t from, std::int64_t begin, std::int64_t end) noexcept;

  std::shared_ptr<LoopbackAir> air_;
  std::size_t node_;
  LoopbackAir::Node& ports_;
  Lockstep& lockstep_;
  std::atomic<std::int64_t> offset_{0};  ///< position on the air's time line less the time this radio tells
  Counts counts_;
};

}  // namespace ravi
