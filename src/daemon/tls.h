// The daemon's TLS: whether this build has it, and what is said of certificates.
#pragma once

#include <memory>
#include <string>

#include <ringgate/log.h>
#include <ringgate/options.h>
#include <ringgate/server.h>

namespace ringgate {

/// Null in a build without.
std::shared_ptr<TlsEngine> tls_engine();

/// For --version and `check`.
std::string tls_text();

/// Reads the files of every listener with TLS and says on stdout what is in them. False: one is no
/// good; stderr says which.
bool check_certificates(const Options& options);

/// What is shown, and until when: a warning of what expires within a month. `least`: what is told
/// less loud than that is left out.
void tell_certificates(const Server& server, Log& log, LogLevel least);

}  // namespace ringgate
