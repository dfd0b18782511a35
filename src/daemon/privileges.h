// What the daemon gives up before it hears anybody: root's rights, and core files.
#pragma once

#include <string>

#include <ringgate/options.h>

namespace ringgate {

/// Why nobody could become node.user, in one line; empty: somebody could, or it is not set.
std::string user_fault(const NodeOptions& node);

/// Becomes node.user for good where root asks for it, and keeps nothing of root's but
/// CAP_NET_BIND_SERVICE, for low ports that are listened on now or later. Where node.data_dir is to
/// be used and is not there, it is made, and the user's. Returns why not, in one line.
///
/// Call it before any other thread starts: capabilities and no_new_privs are each thread's own, and
/// threads inherit them. And behind everything that root alone may do (the pid file, limits),
/// before everything that the user has to be able to do again (certificates at a reload, the
/// journal).
std::string give_up_privileges(const Options& options);

/// Keeps what is in memory, passwords and keys among it, out of core files and from other processes
/// of the same user, unless node.core_dumps. Behind give_up_privileges(): a change of user sets one
/// of the two again.
void keep_memory_private(const NodeOptions& node);

/// What an operator should hear of it: one line for the log, or nothing. Behind the others.
std::string privileges_warning(const NodeOptions& node, const std::string& config_path);

}  // namespace ringgate
