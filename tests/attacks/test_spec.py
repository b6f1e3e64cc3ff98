"""A spec from a stranger: what it names, and what it is."""

import os
import threading

import pytest

from tests.attacks.support import SECRET, attacked, diagnosed

NO_SPECS = {
    "environment": "A_SECRET=" + SECRET + "\0HOME=/root\0",
    "line": SECRET,
    "comments first": f"# a file of comments\n\npassword = {SECRET}\n",
    "almost": f"spec\n{SECRET}\n",
    "no number": f"spec one\n{SECRET}\n",
    "like a declaration": f"network {SECRET.replace('-', '_')} {{\n" + SECRET,
}


@pytest.mark.parametrize("name", NO_SPECS)
@pytest.mark.parametrize("command", ["import", "select", "check", "fmt", "ast", "link"])
def test_no_line_of_what_is_no_spec_is_shown(tmp_path, name, command):
    """``attacked`` looks for the secret in all that is printed."""
    target = tmp_path / "private"
    target.write_text(NO_SPECS[name])
    spec = tmp_path / "own.spec"
    match command:
        case "import":
            spec.write_text(f'spec 1\nimport "{target}" as it\nlet a = it.b\n')
        case "select":
            spec.write_text(f'spec 1\nimport "{target}" (a, b)\n')
        case "link":
            spec.symlink_to(target)
        case _:
            spec = target
    done = attacked(tmp_path, command if command in ("fmt", "ast") else "check", spec)
    diagnosed(done, "E103")


def test_the_environment_is_not_a_spec(tmp_path):
    (tmp_path / "own.spec").write_text('spec 1\nimport "/proc/self/environ" as it\n')
    done = diagnosed(attacked(tmp_path, "check", "own.spec"), "E103")
    assert "imported here" in done.stderr


def test_other_encodings_are_not_shown(tmp_path):
    (tmp_path / "private").write_bytes(SECRET.encode() + b"\xff")
    (tmp_path / "own.spec").write_text('spec 1\nimport "private" as it\n')
    diagnosed(attacked(tmp_path, "check", "own.spec"), "E106")


@pytest.mark.parametrize("path", ["/dev/zero", ".", "pipe", "silent", "large", "sparse"])
def test_what_is_no_small_file(tmp_path, path):
    """A pipe without a writer has ended; one whose writer is silent is given up. A folder has no
    specs."""
    os.mkfifo(tmp_path / "pipe")
    os.mkfifo(tmp_path / "silent")
    (tmp_path / "large").write_bytes(b"spec 1\n" + b"#" * (17 << 20))
    (tmp_path / "sparse").touch()
    os.truncate(tmp_path / "sparse", 6 << 30)
    held = os.open(tmp_path / "silent", os.O_RDWR)
    try:
        done = attacked(tmp_path, "check", path, seconds=30)
    finally:
        os.close(held)
    diagnosed(done, {"pipe": "E103", ".": "E511"}.get(path, "E512"))
    assert done.megabytes < 200


def test_a_spec_may_come_through_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    # opened both ways, so that neither side waits for the other
    fd = os.open(tmp_path / "pipe", os.O_RDWR)
    threading.Timer(2, lambda: (os.write(fd, b"spec 1\nlet a = 1\n"), os.close(fd))).start()
    done = attacked(tmp_path, "check", "pipe")
    assert done.returncode == 0, done.text


@pytest.mark.parametrize("name", ["x" * 5000, "/".join(["d" * 200] * 40), "a\\u{0}b", "\\u{d7ff}"])
def test_names_that_no_system_opens(tmp_path, name):
    (tmp_path / "own.spec").write_text(f'spec 1\nimport "{name}" as it\n')
    diagnosed(attacked(tmp_path, "check", "own.spec"), "E205")
