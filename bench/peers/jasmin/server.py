"""Jasmin's daemon, started here with a lock file of its own: it has one name for the whole machine, and does not start where
one was left by a daemon that was killed."""
import os
import runpy
import sys

import lockfile

FILE_LOCK = lockfile.FileLock
lockfile.FileLock = lambda _: FILE_LOCK(os.path.join(os.environ["ROOT_PATH"], "lock"))
sys.argv.append("--disable-http-api")
runpy.run_module("jasmin.bin.jasmind", run_name="__main__")
