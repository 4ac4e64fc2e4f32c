// The one main of every test program. Logging is quiet below errors: refused input is tested a thousand times over.

#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <spdlog/spdlog.h>

int main(int argc, char** argv)
{
  spdlog::set_level(spdlog::level::err);
  doctest::Context context(argc, argv);
  return context.run();
}
