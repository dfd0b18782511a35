#include "process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "sockets.h"

namespace ringgate::hostile {
namespace {

constexpr int tries = 1000;
constexpr std::chrono::milliseconds pause_of_tries{10};

std::filesystem::path new_directory() {
  std::string name = (std::filesystem::temp_directory_path() / "hostile.XXXXXX").string();
  EXPECT_NE(mkdtemp(name.data()), nullptr);
  return name;
}

std::string program() {
  const char* const root = std::getenv("RINGGATE_BUILD_ROOT");
  return std::string(root == nullptr ? "build" : root) + "/ringgate";
}

pid_t start(std::string path, std::string config, const std::string& log) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&files, 1, 2);
  std::string serve = "serve", option = "--config";
  char* const arguments[] = {path.data(), serve.data(), option.data(), config.data(), nullptr};
  pid_t pid = -1;
  const int failed = posix_spawn(&pid, path.c_str(), &files, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&files);
  EXPECT_EQ(failed, 0) << path;
  return failed == 0 ? pid : -1;
}

bool has_ended(pid_t pid) { return waitpid(pid, nullptr, WNOHANG) == pid; }

}  // namespace

Process::Process(const std::string& rows) : port_(unused_port()), directory_(new_directory()) {
  const std::filesystem::path config = directory_ / "ringgate.toml";
  std::ofstream(config) << "[node]\ndata_dir = \"" << (directory_ / "data").string()
                        << "\"\n[[listen]]\naddress = \"127.0.0.1\"\nport = " << port_ << "\n"
                        << rows;
  pid_ = start(program(), config.string(), (directory_ / "log").string());
  for (int i = 0; i < tries && pid_ > 0; ++i) {
    const int fd = connect_from(port_, nullptr);
    if (fd >= 0) {
      close(fd);
      return;
    }
    if (has_ended(pid_)) break;
    std::this_thread::sleep_for(pause_of_tries);
  }
  std::ifstream log(directory_ / "log");
  ADD_FAILURE() << "ringgate did not start: "
                << std::string(std::istreambuf_iterator<char>(log), {});
}

Process::~Process() {
  if (pid_ > 0) {
    kill(pid_, SIGCONT);
    kill(pid_, SIGTERM);
    bool ended = false;
    for (int i = 0; i < tries && !(ended = has_ended(pid_)); ++i)
      std::this_thread::sleep_for(pause_of_tries);
    if (!ended) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
      ADD_FAILURE() << "ringgate does not heed SIGTERM";
    }
  }
  std::filesystem::remove_all(directory_);
}

void Process::pause() {
  kill(pid_, SIGSTOP);
  int how = 0;
  EXPECT_EQ(waitpid(pid_, &how, WUNTRACED), pid_);
  EXPECT_TRUE(WIFSTOPPED(how));
}

void Process::go_on() { kill(pid_, SIGCONT); }

}  // namespace ringgate::hostile
