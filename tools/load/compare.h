// ringgate-load compare: two files of runs, as --json has printed them.
#pragma once

namespace ringgate::load {

/// Of the command line behind "compare"; returns the exit code.
int compare_files(int argc, char** argv);

}  // namespace ringgate::load
