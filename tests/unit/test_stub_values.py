"""What stubtest leaves out: values of enum members, and parameters of compiled constructors."""

import ast
import importlib
import re
from pathlib import Path

import pytest

import hrgcore._core

STUBS = sorted(Path(hrgcore._core.__file__).parent.glob("*.pyi"))
CLASSES = [(stub.stem, node) for stub in STUBS for node in ast.parse(stub.read_text()).body if isinstance(node, ast.ClassDef)]
ENUMS = [
    (module, node) for module, node in CLASSES if any(isinstance(base, ast.Name) and base.id == "IntEnum" for base in node.bases)
]
OTHERS = [one for one in CLASSES if one not in ENUMS]


def _runtime(module, node):
    return getattr(importlib.import_module(f"hrgcore._core.{module}"), node.name)


@pytest.mark.parametrize(("module", "node"), ENUMS, ids=lambda v: getattr(v, "name", v))
def test_enum_values(module, node):
    stub = {item.targets[0].id: ast.literal_eval(item.value) for item in node.body}
    assert stub == {member.name: member.value for member in _runtime(module, node)}


@pytest.mark.parametrize(("module", "node"), OTHERS, ids=lambda v: getattr(v, "name", v))
def test_constructor_parameters(module, node):
    init = next((item for item in node.body if isinstance(item, ast.FunctionDef) and item.name == "__init__"), None)
    embedded = re.match(rf"{node.name}\((.*)\)", _runtime(module, node).__doc__ or "")
    found = [part.split("=")[0].split()[-1] for part in embedded[1].split(", ")] if embedded else []
    stub = [arg.arg for arg in (*init.args.args[1:], *init.args.kwonlyargs)] if init else []
    assert stub == [name for name in found if name != "*"]
