#include "options/password_hash.h"

#include <crypt.h>

#include <cstddef>
#include <string_view>

namespace ringgate {
namespace {

/// A form of crypt(5): how it begins, and how many characters follow its last $.
struct HashFormRow {
  std::string_view prefix;
  std::size_t tail_size;
};

constexpr HashFormRow hash_form_rows[] = {
    {"$y$", 43},     // yescrypt
    {"$gy$", 43},    // gost-yescrypt
    {"$7$", 43},     // scrypt
    {"$2b$", 53},    // bcrypt: 22 of salt, 31 of digest
    {"$2y$", 53},    //
    {"$2a$", 53},    //
    {"$6$", 86},     // sha512crypt
    {"$5$", 43},     // sha256crypt
    {"$sha1$", 28},  // sha1crypt
    {"$1$", 22},     // md5crypt
};

const HashFormRow* form_of(std::string_view hash) {
  for (const HashFormRow& row : hash_form_rows)
    if (hash.substr(0, row.prefix.size()) == row.prefix) return &row;
  return nullptr;
}

std::string prefixes_text() {
  std::string text;
  for (const HashFormRow& row : hash_form_rows)
    text += (text.empty() ? "" : ", ") + std::string(row.prefix);
  return text;
}

}  // namespace

std::string password_hash_fault(const std::string& hash) {
  if (hash.empty() || hash.front() != '$') return " must begin with $, as mkpasswd writes it";
  const HashFormRow* const form = form_of(hash);
  if (form == nullptr) return " is of no known form: must begin with one of " + prefixes_text();
  // A shell that took $6 for a variable, or a line cut by a terminal, leaves an account that nobody
  // can bind as.
  const std::size_t tail_size = hash.size() - hash.rfind('$') - 1;
  if (tail_size != form->tail_size)
    return " is not whole: a hash of the form " + std::string(form->prefix) + " has " +
           std::to_string(form->tail_size) + " characters behind its last $, not " +
           std::to_string(tail_size);
  const int known = crypt_checksalt(hash.c_str());
  if (known == CRYPT_SALT_INVALID || known == CRYPT_SALT_METHOD_DISABLED)
    return " of the form " + std::string(form->prefix) +
           " is none that crypt() of this system takes";
  return {};
}

}  // namespace ringgate
