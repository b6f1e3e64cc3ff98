"""Words are found without loading all of them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from declspore.registry import table
from declspore.registry.kind import Kind
from declspore.registry.table import Registry, families, namespaces, words_in

FIND = """
import json, sys
from declspore.registry.table import vocabulary
found = vocabulary().get(sys.argv[1])
rooms = [name for name in sys.modules if name.startswith(("declspore.cells.", "declspore.ops."))]
print(json.dumps([found and found.name, sorted(rooms), "x" in vocabulary().words()]))
"""


def _found(word, cache):
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    command = [sys.executable, "-c", FIND, word]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_a_word_is_loaded_alone(tmp_path):
    first, rooms, _ = _found("Dense", tmp_path)
    assert first == "Dense"
    assert len(rooms) > 10  # what is kept afterwards was made of all of them
    assert _found("Dense", tmp_path) == ["Dense", ["declspore.cells.dense"], False]
    assert _found("Dens", tmp_path) == [None, [], False]


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"expressions": 1}'])
def test_what_is_kept_may_be_broken(tmp_path, text):
    _found("Dense", tmp_path)
    (kept,) = Path(tmp_path, "declspore").glob("words-*.json")
    kept.write_text(text)
    assert _found("Dense", tmp_path)[0] == "Dense"


def test_what_others_may_write_is_not_used(tmp_path):
    _found("Dense", tmp_path)
    (kept,) = Path(tmp_path, "declspore").glob("words-*.json")
    kept.write_text('{"expressions": {}}')
    kept.chmod(0o666)
    assert _found("Dense", tmp_path)[0] == "Dense"


def test_every_word_is_where_it_is_said_to_be():
    found = {}
    for contract in families():
        for kind in table.definitions(contract.room):
            found[kind.namespace, kind.name] = kind
    listed = {(name, kind.name): kind for name in namespaces() for kind in words_in(name)}
    assert listed == {key: kind for key, kind in found.items() if key[0] in namespaces()}


def test_added_words_come_last():
    class Word(Kind):
        family = "word"

    words = Registry((), {"Dense": "declspore.cells.dense"}, "expressions")
    more = Word(name="More", signature=None, summary="", example="")
    words.add(more)
    assert words.words() == ["Dense", "More"]
    assert [kind.name for kind in words][-1] == "More"
    with pytest.raises(KeyError):
        words.of(Kind, "Less")
