// Aim: an operator whose system forbids io_uring reads cause and cure on one line. Method: the
// texts for each errno, and probe() itself on whatever kernel runs the test. A mask makes this
// kernel look like an older one.
#include "uring/capabilities.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace ringgate::uring {
namespace {

void expect_line_with(const Error& error, const std::string& part) {
  EXPECT_NE(error.text.find(part), std::string::npos) << error.text;
  EXPECT_EQ(error.text.find('\n'), std::string::npos) << error.text;
}

TEST(SetupError, NamesTheSysctl) {
  const Error group = setup_error(EPERM, 1, "6.8.0");
  EXPECT_EQ(group.code, ErrorCode::permission);
  EXPECT_EQ(group.os_errno, EPERM);
  expect_line_with(group, "kernel.io_uring_group");
  expect_line_with(setup_error(EPERM, 2, "6.8.0"), "sysctl kernel.io_uring_disabled=0");
}

TEST(SetupError, NamesSeccomp) {
  const Error forbidden = setup_error(EPERM, 0, "6.8.0");
  EXPECT_EQ(forbidden.code, ErrorCode::permission);
  expect_line_with(forbidden, "seccomp");
}

TEST(SetupError, NamesTheKernel) {
  const Error missing = setup_error(ENOSYS, 0, "4.19.0");
  EXPECT_EQ(missing.code, ErrorCode::not_supported);
  expect_line_with(missing, "4.19.0");
  expect_line_with(missing, "seccomp");
}

TEST(SetupError, NamesTheLimit) {
  expect_line_with(setup_error(ENOMEM, 0, "6.8.0"), "ulimit -l");
  expect_line_with(setup_error(EMFILE, 0, "6.8.0"), "ulimit -n");
  expect_line_with(setup_error(EIO, 0, "6.8.0"), "6.8.0");
}

TEST(Capabilities, TextListsBothSides) {
  Capabilities some;
  some.kernel = "6.1.0";
  some.single_issuer = true;
  some.defer_taskrun = true;
  some.msg_ring = true;
  EXPECT_EQ(some.text(),
            "io_uring on kernel 6.1.0: single_issuer, defer_taskrun, msg_ring; "
            "without bundle, min_wait, no_iowait");

  Capabilities none;
  none.kernel = "6.0.0";
  EXPECT_EQ(none.text().find(';'), std::string::npos) << none.text();
}

Capabilities all() {
  Capabilities out;
  out.kernel = "6.18.0";
  out.single_issuer = out.defer_taskrun = out.msg_ring = true;
  out.bundle = out.min_wait = out.no_iowait = true;
  return out;
}

std::string masked(std::string_view mask) {
  const Result<Capabilities> left = all().masked(mask);
  return left ? left.value().text() : left.error().text;
}

TEST(Mask, LeavesOutWhatItNames) {
  EXPECT_EQ(masked(""), all().text());
  EXPECT_EQ(masked("none"),
            "io_uring on kernel 6.18.0: without single_issuer, defer_taskrun, msg_ring, bundle, "
            "min_wait, no_iowait");
  EXPECT_EQ(masked("6.1"),
            "io_uring on kernel 6.18.0: single_issuer, defer_taskrun, msg_ring; "
            "without bundle, min_wait, no_iowait");
  EXPECT_EQ(masked("6.15"), all().text());
  EXPECT_EQ(masked("msg_ring, bundle"), masked("bundle,msg_ring"));
  EXPECT_EQ(masked("msg_ring"),
            "io_uring on kernel 6.18.0: single_issuer, defer_taskrun, bundle, min_wait, no_iowait; "
            "without msg_ring");
}

// A mask does not give what the kernel lacks.
TEST(Mask, AddsNothing) {
  const Capabilities nothing;
  EXPECT_EQ(nothing.masked("6.15").value().text(), nothing.text());
}

// No kernel has one of these without the other, so no mask may make one.
TEST(Mask, KeepsTogetherWhatBelongsTogether) {
  EXPECT_EQ(masked("single_issuer"), masked("defer_taskrun"));
  EXPECT_EQ(masked("defer_taskrun"), masked("single_issuer,defer_taskrun,min_wait"));
}

TEST(Mask, WrongNamesAreTold) {
  for (const char* const mask : {"bundles", "6", "6.", "6.1x", "bundle,6.1", "none,bundle"})
    EXPECT_NE(masked(mask).find("RINGGATE_URING"), std::string::npos) << mask;
}

TEST(Probe, WorksHere) {
  const Result<Capabilities> capabilities = probe();
  ASSERT_TRUE(capabilities) << capabilities.error().text;
  EXPECT_FALSE(capabilities.value().kernel.empty());
  EXPECT_TRUE(!capabilities.value().min_wait || capabilities.value().defer_taskrun);
}

}  // namespace
}  // namespace ringgate::uring
