#include "daemon/passwd.h"

#include <crypt.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

#include "base/secret.h"

namespace ringgate {
namespace {

constexpr int exit_failed = 1;
constexpr std::size_t smpp_password_max = 8;  // 3.4 §5.2.2: 9 octets with its NUL

/// What is typed is not shown, and the terminal is as it was afterwards.
class Silence {
 public:
  Silence() : silent_(tcgetattr(STDIN_FILENO, &before_) == 0) {
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (silent_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~Silence() {
    if (silent_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  termios before_{};
  const bool silent_;
};

/// Without its end. False: there was none.
bool read_line(std::string& line) {
  int c = std::getchar();
  const bool any = c != EOF;
  for (; c != EOF && c != '\n'; c = std::getchar()) line.push_back(static_cast<char>(c));
  return any;
}

bool ask(const char* prompt, std::string& line) {
  const Silence silence;
  std::fputs(prompt, stderr);
  const bool read = read_line(line);
  std::fputc('\n', stderr);
  return read;
}

std::string fault_of(const std::string& password) {
  if (password.empty()) return "the password is empty";
  for (const char c : password)
    if (c < 0x20 || c > 0x7e) return "the password must be printable ASCII";
  return {};
}

int complain(const std::string& why) {
  std::fprintf(stderr, "ringgate passwd: %s\n", why.c_str());
  return exit_failed;
}

}  // namespace

int passwd() {
  std::string password;
  if (isatty(STDIN_FILENO) == 1) {
    std::string again;
    if (!ask("Password: ", password) || !ask("Once more: ", again)) return complain("no password");
    const bool same = password == again;
    wipe(again);
    if (!same) {
      wipe(password);
      return complain("these are two different passwords");
    }
  } else if (!read_line(password)) {
    return complain("no password on stdin");
  }
  if (const std::string fault = fault_of(password); !fault.empty()) {
    wipe(password);
    return complain(fault);
  }
  if (password.size() > smpp_password_max)
    std::fprintf(stderr,
                 "ringgate passwd: a warning: SMPP's field holds %zu characters, so most clients "
                 "cannot send these %zu\n",
                 smpp_password_max, password.size());
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];
  const auto data = std::make_unique<crypt_data>();
  const char* hash = nullptr;
  if (crypt_gensalt_rn("$y$", 0, nullptr, 0, setting, sizeof setting) != nullptr)
    hash = crypt_r(password.c_str(), setting, data.get());
  wipe(password);
  if (hash == nullptr || hash[0] == '*') return complain("crypt() has failed");
  std::printf("%s\n", hash);
  explicit_bzero(data.get(), sizeof *data);
  return 0;
}

}  // namespace ringgate
