// Aim: accounts may stand in files of their own; each mistake is told by the file it is in, and a
// file that is broken while a server runs takes nothing from anybody. Method: made-up directories
// for the parser, real ones for what reads them.
#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "config/config.h"

namespace ringgate {
namespace {

constexpr std::string_view main_file = "[accounts]\ndir = \"d\"\n";

std::string errors_of(const Config& config) {
  std::string text;
  for (const ConfigError& error : config.errors) text += error.text() + "\n";
  return text;
}

Config parse_with(std::vector<AccountFile> files, std::string_view text = main_file) {
  return parse_config(text, "f.toml", nullptr, [&](const std::string& dir, std::string&) {
    EXPECT_EQ(dir, "d");
    return files;
  });
}

AccountFile file(std::string name, std::string text) {
  return {std::move(name), std::move(text), {}, {}};
}

TEST(AccountFiles, AreAccounts) {
  const Config config = parse_with(
      {file("d/a.toml", "system_id = \"a\"\npassword = \"x\"\n[quirks]\nmessage_id = \"uuid\"\n"),
       file("d/b.toml",
            "system_id = \"b\"\npassword = \"y\"\nrate = 5\nquirks = {profile = \"kannel\"}\n")},
      "[accounts]\ndir = \"d\"\n[[account]]\nsystem_id = \"main\"\npassword = \"z\"\n"
      "[[number]]\nprefix = \"44\"\naccount = \"b\"\n");
  EXPECT_EQ(errors_of(config), "");
  ASSERT_EQ(config.options.accounts.size(), 3U);
  EXPECT_EQ(config.options.accounts[0].system_id, "main");
  EXPECT_EQ(config.options.accounts[1].system_id, "a");
  EXPECT_EQ(config.options.accounts[1].quirks.message_id, IdFormat::uuid);
  EXPECT_EQ(config.options.accounts[2].rate, 5);
  EXPECT_TRUE(config.options.accounts[2].quirks.replace_sm_service_type);
  EXPECT_EQ(config.account_files, (std::vector<std::string>{"f.toml", "d/a.toml", "d/b.toml"}));
}

TEST(AccountFiles, MistakesAreToldByFile) {
  const Config config = parse_with({
      file("d/a.toml", "system_id = \"a\"\npassword = \"x\"\n"),
      file("d/b.toml", "system_id = \"a\"\npassword = \"x\"\n"),
      file("d/c.toml", "system_id = \"c\"\npassword = \"x\"\nrat = 5\n"),
      file("d/d.toml", "system_id = \"d\"\n"),
      file("d/e.toml", "system_id = \"e\"\npassword = \"x"),
      {"d/f.toml", "", "Permission denied", {}},
      file("d/g.toml", "[[account]]\nsystem_id = \"g\"\npassword = \"x\"\n"),
  });
  EXPECT_EQ(errors_of(config),
            "d/b.toml:1: account.system_id \"a\" is taken by the account of d/a.toml\n"
            "d/c.toml:3: unknown key account.rat; did you mean rate?\n"
            "d/d.toml:1: account needs password or password_hash\n"
            "d/e.toml:2: not valid TOML: Error while parsing string: encountered end-of-file\n"
            "d/f.toml: cannot read: Permission denied\n"
            "d/g.toml:1: a file of one account has its keys, and no [[account]] above them\n");
}

TEST(AccountFiles, NoDirectory) {
  const Config config =
      parse_config(main_file, "f.toml", nullptr, [](const std::string&, std::string& failure) {
        failure = "No such file or directory";
        return std::vector<AccountFile>();
      });
  EXPECT_EQ(errors_of(config), "f.toml:2: accounts.dir \"d\": No such file or directory\n");
}

class AccountFilesOnDisk : public testing::Test {
 protected:
  AccountFilesOnDisk() {
    char name[] = "/tmp/ringgate-accounts-XXXXXX";
    root_ = mkdtemp(name);
    std::filesystem::create_directory(root_ + "/accounts.d");
    write("main.toml", "[accounts]\ndir = \"accounts.d\"\n");
  }
  ~AccountFilesOnDisk() override { std::filesystem::remove_all(root_); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(root_ + "/" + name) << text;
  }
  void write_account(const std::string& name, const std::string& more = "") {
    write("accounts.d/" + name + ".toml",
          "system_id = \"" + name + "\"\npassword = \"x\"\n" + more);
  }
  std::string path() const { return root_ + "/main.toml"; }
  static std::string names(const Config& config) {
    std::string text;
    for (const AccountOptions& account : config.options.accounts)
      text += account.system_id + "/" + std::to_string(account.max_binds) + " ";
    return text;
  }

  std::string root_;
};

TEST_F(AccountFilesOnDisk, AreReadInOrderOfTheirNames) {
  write_account("b");
  write_account("a");
  write("accounts.d/notes.txt", "not TOML");
  write("accounts.d/.hidden.toml", "not TOML");
  const Config config = load_config(path());
  EXPECT_EQ(errors_of(config), "");
  EXPECT_EQ(names(config), "a/0 b/0 ");
}

// Aim: whatever becomes of one file, the account that it was goes on, and all others change.
TEST_F(AccountFilesOnDisk, ABrokenOneStaysWhatItWas) {
  write_account("a");
  write_account("b");
  write_account("c");
  const Config running = load_config(path());
  ASSERT_EQ(errors_of(running), "");
  write_account("a", "max_binds = 1\n");
  write_account("b", "max_binds = ");                                   // half written
  write("accounts.d/c.toml", "system_id = \"a\"\npassword = \"x\"\n");  // another's name
  write("accounts.d/n.toml", "system_id = \"n\"\n");                    // new, and broken
  write_account("z");
  std::vector<ConfigError> broken;
  const Config next = reload_config(path(), running, broken);
  EXPECT_EQ(errors_of(next), "");
  EXPECT_EQ(names(next), "b/0 c/0 a/1 z/0 ");
  EXPECT_EQ(broken.size(), 3U);
  EXPECT_EQ(next.account_files.size(), next.options.accounts.size());

  // From what runs now, the same again.
  broken.clear();
  EXPECT_EQ(names(reload_config(path(), next, broken)), "b/0 c/0 a/1 z/0 ");
}

TEST_F(AccountFilesOnDisk, ABrokenMainFileIsRefused) {
  write_account("a");
  const Config running = load_config(path());
  write("main.toml", "[accounts]\ndir = \"accounts.d\"\n[limits]\nmax_pdu = 1\n");
  write_account("a", "max_binds = 0");
  std::vector<ConfigError> broken;
  EXPECT_FALSE(reload_config(path(), running, broken).ok());
  std::filesystem::remove(path());
  EXPECT_FALSE(reload_config(path(), running, broken).ok());
}

}  // namespace
}  // namespace ringgate
