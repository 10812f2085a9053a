"""Starts Winnow: the window, or one command of the command line."""

from __future__ import annotations

import os
import sys

from qtapp import arguments, cli, launch, terminal


def main() -> int:
    """Run what the arguments ask for; the exit code."""
    terminal.ready_streams()
    asked = arguments.parse(sys.argv[1:])
    if not asked.opens_window:
        return cli.run(asked)
    obstacle = launch.obstacle(os.environ)
    if obstacle:
        print(f"winnow: {obstacle}", file=sys.stderr)  # noqa: T201 - no window to say it in
        return 1
    from qtapp import app

    return app.run(arguments.request_of(asked), is_demo=asked.command == "demo")


if __name__ == "__main__":
    sys.exit(main())
