"""Options whose mistakes are told in one line."""
import argparse
import difflib
import sys


def complain(text):
    print(f"tools/bench: {text}", file=sys.stderr)
    raise SystemExit(2)


class Parser(argparse.ArgumentParser):
    """A mistake is one line."""

    def error(self, message):
        unknown = message.removeprefix("unrecognized arguments: ").split()[0].partition("=")[0]
        if message.startswith("unrecognized") and unknown.startswith("-"):
            near = difflib.get_close_matches(unknown, self._option_string_actions, 1)
            message = f"unknown option {unknown}" + (f"; did you mean {near[0]}?" if near else "")
        complain(f"{message} (see tools/bench --help)")


def number(kind, least, most):
    def parse(text):
        try:
            value = kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"expected a number, not '{text}'") from None
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"expected {least} to {most}, not {text}")
        return value
    return parse
