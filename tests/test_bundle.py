"""Many modules as one file: what each needs stands before it, and what cannot be bundled is told with its line."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from server import bundle

NODE = shutil.which("node")
FILES = {
    "pwa/main.js": """
/** Says it all. */
import {double, name as called} from './words.js';
import * as rules from '../sync/rules.js';
import kinds from '../sync/kinds.json' with {type: 'json'};
import {
  Teller,
} from './teller.js';
export const ALL = [double(2), called, rules.three(), kinds.of, new Teller().tell()];
console.log(JSON.stringify(ALL));
""",
    "pwa/words.js": "export function double(n) { return 2 * n; }\nexport const name = `two\n\n  lines`;\n",
    "pwa/teller.js": "import {double} from './words.js';\nexport class Teller {\n  tell() { return double(4); }\n}\n",
    "sync/rules.js": "export function three() {\n  // why three\n  return 3;\n}\n",
    "sync/kinds.json": '{"of": ["é"]}',
}


def bundled(address=None, **changed):
    files = {**FILES, **{f"pwa/{name}.js": source for name, source in changed.items()}}

    def read(path):
        if path not in files:
            raise FileNotFoundError(path)
        return files[path]

    return bundle.bundle("pwa/main.js", read, address)


@pytest.mark.skipif(NODE is None, reason="the phone's tests need Node")
def test_the_bundle_does_what_the_modules_did(tmp_path):
    (tmp_path / "all.mjs").write_text(bundled(), "utf-8")
    said = subprocess.run([NODE, "all.mjs"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert said == '[4,"two\\n\\n  lines",3,["é"],8]\n'


@pytest.mark.skipif(NODE is None, reason="the phone's tests need Node")
def test_what_is_imported_later_is_fetched_when_asked_for_with_what_is_there_already(tmp_path):
    main = (
        "import {double} from './words.js';\n"
        "const fetched = () => import('./later.js');\n"
        "fetched().then(({later}) => console.log(double(1), later()));\n"
    )
    later = "import {double, name} from './words.js';\nimport {half} from './half.js';\nexport function later() { return [double(half(6)), name]; }\n"

    def address(path, text):
        assert (path, "function double" in text, "function half" in text) == ("pwa/later.js", False, True)
        (tmp_path / "later.mjs").write_text(text, "utf-8")
        return "./later.mjs"

    (tmp_path / "all.mjs").write_text(bundled(address, main=main, later=later, half="export function half(n) { return n / 2; }\n"), "utf-8")
    said = subprocess.run([NODE, "all.mjs"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert said == "2 [ 6, 'two\\n\\n  lines' ]\n"


def test_nothing_comes_later_than_later():
    with pytest.raises(bundle.Fault, match=r"pwa/later.js imports later"):
        bundled(lambda path, _: path, main="const x = () => import('./later.js');\n", later="const y = () => import('./teller.js');\n")


def test_every_module_is_in_it_once_and_before_those_that_need_it():
    made = bundled()
    assert made.count("function double") == 1
    assert made.index("function double") < made.index("class Teller") < made.index("const ALL")
    assert "import" not in made
    assert "why three" not in made


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("export default 5;\n", "words.js:1"), ("const a = 1;\nexport let b = 2;\n", "words.js:2"), ("export {a};\n", "words.js:1"),
        ("const x = await import(name);\n", "words.js:1"), ("import 'lib';\n", "words.js:1"),
        ("import x from './teller.js';\n", "words.js:1"),
        ("eval('1');\n", "words.js:1"), ("new Function('1');\n", "words.js:1"), ("x = import.meta.url;\n", "words.js:1"),
        ("import {Teller} from './teller.js';\n", "circle"),
        ("import {a} from './gone.js';\n", "pwa/words.js imports pwa/gone.js, which does not exist"),
        ("const x = () => import('./gone.js');\nexport const name = 1;\nexport function double() {}\n", "pwa/gone.js"),
        ("const x = () => import('./teller.js');\nexport const name = 1;\nexport function double() {}\n", "there from the start"),
        ("export const other = 1;\n", "imports double from pwa/words.js"), ("import {a as b as c} from './teller.js';\n", "words.js:1"),
    ],
)  # fmt: skip
def test_what_cannot_be_bundled_is_told(source, said):
    with pytest.raises(bundle.Fault, match=said):
        bundled(words=source)
