#include "drivers/soapy/soapy_quirks.h"

#include <doctest/doctest.h>

#include <set>

using namespace ravi;

TEST_CASE(
    "soapy quirks: devices whose times are made on the host never transmit, and a transmitter there has its reason")
{
  for (const SoapyQuirks& row : all_soapy_quirks()) {
    CAPTURE(row.driver);
    if (row.timestamps == TimestampSource::host) CHECK(!row.why_no_transmit.empty());
    if (row.timestamps == TimestampSource::hardware) CHECK(row.why_no_transmit.empty());
  }
}

TEST_CASE("soapy quirks: every driver has one row, with formats that we can convert")
{
  std::set<std::string_view> seen;
  for (const SoapyQuirks& row : all_soapy_quirks()) {
    CHECK(seen.insert(row.driver).second);
    for (const SoapyFormat& format : {row.receive, row.transmit}) {
      const bool is_known =
          format.name.empty() || format.name == "CF32" || format.name == "CS16" || format.name == "CS8";
      CHECK(is_known);
      CHECK(format.full_scale >= 1.0);
    }
  }
  for (const char* driver : {"lime", "bladerf", "hackrf", "rtlsdr", "plutosdr", "xtrx", "remote", "ravi"}) {
    CHECK(seen.count(driver) == 1);
  }
}

TEST_CASE("soapy quirks: full scales are those of the devices' converters")
{
  CHECK(soapy_quirks("lime").receive.full_scale == 2048);        // 12 bits in 16
  CHECK(soapy_quirks("hackrf").receive.full_scale == 128);       // 8 bits
  CHECK(soapy_quirks("plutosdr").receive.full_scale == 2048);    // aligned to the low bits
  CHECK(soapy_quirks("plutosdr").transmit.full_scale == 32768);  // aligned to the high bits
}

TEST_CASE("soapy quirks: an unknown device is asked, a remote one is what is behind it")
{
  CHECK(soapy_quirks("somethingnew").driver.empty());
  CHECK(soapy_quirks("somethingnew").timestamps == TimestampSource::unknown);
  CHECK(soapy_quirks("remote").driver == "remote");
  CHECK(soapy_quirks("remote", "lime").driver == "remote");
  CHECK(soapy_quirks("remote", "rtlsdr").timestamps == TimestampSource::host);
  CHECK(soapy_quirks("lime", "rtlsdr").driver == "lime");  // not remote at all
}
