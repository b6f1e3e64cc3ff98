"""A process that has imported what tests need, and forks one of itself for each command.

    python tests/warm_server.py MODULE ...

A line of JSON is a command to begin, answered by the number of its process, or a number, answered
by the exit code of that process once it has ended. Only imports come before a fork, so that no
thread is lost by it.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import sys
import threading
import types


def main() -> None:
    """Serve until standard input ends; a child carries out its command and ends."""
    for module in sys.argv[1:]:
        importlib.import_module(module)
    gc.collect()
    gc.freeze()  # a collection would copy every page of it in each child
    for line in sys.stdin:
        asked = json.loads(line)
        if isinstance(asked, int):
            answer = os.waitstatus_to_exitcode(os.waitpid(asked, 0)[1])
        elif (answer := os.fork()) == 0:
            begin(asked)
            os._exit(exit_code(asked["arguments"]))
        print(answer, flush=True)


def begin(asked: dict) -> None:
    """Be the process that was asked for: its folder, environment and streams."""
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    named = os.environ.get("PYTHONPATH", "")
    sys.path[1:1] = [folder for folder in named.split(os.pathsep) if folder]
    for number, path, how in (
        (0, os.devnull, os.O_RDONLY),
        (1, asked["out"], os.O_WRONLY),
        (2, asked["err"], os.O_WRONLY),
    ):
        stream = os.open(path, how)
        os.dup2(stream, number)
        os.close(stream)


def exit_code(arguments: list[str]) -> int:
    """Carry it out to what an interpreter does at its end, less taking apart what was imported."""
    code = 0
    try:
        carry_out(arguments)
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        code = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def carry_out(arguments: list[str]) -> None:
    """What Python does of these arguments: ``-m MODULE``, ``-c CODE`` or a script."""
    first, *rest = arguments
    if first == "-m":
        sys.argv = rest
        sys.path[0] = os.getcwd()
        if "." in rest[0]:  # a module, not a package: it is run anew
            sys.modules.pop(rest[0], None)
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    elif first == "-c":
        code, *rest = rest
        sys.argv = ["-c", *rest]
        sys.path[0] = ""
        module = types.ModuleType("__main__")
        sys.modules["__main__"] = module
        exec(compile(code, "<string>", "exec"), module.__dict__)
    else:
        sys.argv = arguments
        sys.path[0] = os.path.dirname(os.path.abspath(first))
        runpy.run_path(first, run_name="__main__")


if __name__ == "__main__":
    main()
