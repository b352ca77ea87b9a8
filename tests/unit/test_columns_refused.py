"""What the door of columns refuses: what is no table, producers that say what is not so; and that no memory is lost."""

from __future__ import annotations

import ctypes
import gc
import struct
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from hrgcore import ArgumentError, Grouper

from .test_columns import COLUMNS, DIAGNOSES, WIDE, listed, wide

pa = pytest.importorskip("pyarrow")


# What is no table ------------------------------------------------------------------------------


class Offers:
    """A producer that hands out this."""

    def __init__(self, given: object) -> None:
        self.given = given

    def __arrow_c_stream__(self) -> object:
        return self.given


@pytest.mark.parametrize(
    "given",
    [{"SEX": ["1"]}, Offers(None), Offers(7), Offers((1, 2)), Offers(wide().schema.__arrow_c_schema__()), pa.array([1, 2])],
)
def test_what_is_no_table(grouper: Grouper, given: Any) -> None:
    with pytest.raises(ArgumentError):
        grouper.group(given)


def test_a_producer_that_fails(grouper: Grouper) -> None:
    def batches() -> Iterator[Any]:
        yield wide().to_batches()[0]
        raise OSError("cell 12345 is broken")

    with pytest.raises(ArgumentError, match="its producer failed") as caught:
        grouper.group(pa.RecordBatchReader.from_batches(wide().schema, batches()))
    assert "12345" not in str(caught.value)
    assert "12345" in str(caught.value.__cause__)


# Producers that say what is not so -------------------------------------------------------------


class CSchema(ctypes.Structure):
    """As the Arrow C data interface has it."""


class CArray(ctypes.Structure):
    """As the Arrow C data interface has it."""


CSchema._fields_ = [
    ("format", ctypes.c_char_p), ("name", ctypes.c_char_p), ("metadata", ctypes.c_void_p), ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64), ("children", ctypes.POINTER(ctypes.POINTER(CSchema))),
    ("dictionary", ctypes.POINTER(CSchema)), ("release", ctypes.c_void_p), ("private_data", ctypes.c_void_p),
]  # fmt: skip
CArray._fields_ = [
    ("length", ctypes.c_int64), ("null_count", ctypes.c_int64), ("offset", ctypes.c_int64), ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64), ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(CArray))), ("dictionary", ctypes.POINTER(CArray)),
    ("release", ctypes.c_void_p), ("private_data", ctypes.c_void_p),
]  # fmt: skip


RELEASE = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class Liar:
    """Offers a batch whose description has been changed; counts what is released, but keeps it: it could not be followed."""

    def __init__(self, batch: Any, change: Callable[[Any, Any], None]) -> None:
        self.released: list[str] = []
        self.schema, self.array = CSchema(), CArray()
        batch._export_to_c(ctypes.addressof(self.array), ctypes.addressof(self.schema))
        self.callbacks = [self.release(kind, part) for kind, part in ((CSchema, self.schema), (CArray, self.array))]
        change(self.schema, self.array)

    def release(self, kind: Any, part: Any) -> Any:
        def release(address: int) -> None:
            self.released.append(kind.__name__)
            kind.from_address(address).release = None

        callback = RELEASE(release)
        part.release = ctypes.cast(callback, ctypes.c_void_p)
        return callback

    def __arrow_c_array__(self, requested_schema: object = None) -> object:
        make = ctypes.pythonapi.PyCapsule_New
        make.restype, make.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        return make(ctypes.addressof(self.schema), b"arrow_schema", None), make(
            ctypes.addressof(self.array), b"arrow_array", None
        )


def set_(what: str, value: Any) -> Callable[[Any, Any], None]:
    """Changes one attribute of the array (or of the part of it that is named before a point)."""

    def change(schema: Any, array: Any) -> None:
        *path, name = what.split(".")
        at = schema if path[0] == "schema" else array
        for part in path[1:]:
            at = at.dictionary.contents if part == "dictionary" else at.children[int(part)].contents
        setattr(at, name, value)

    return change


LAST = len(COLUMNS)  # a dictionary column
LIST = LAST + 1


def odd() -> Any:
    """A batch with a column of every kind."""
    codes = pa.array(WIDE["OPER_01"])
    columns = {"OPER_03": codes.dictionary_encode(), "diagnoses": DIAGNOSES, "OPER_01": codes.cast(pa.string_view())}
    return pa.table({**COLUMNS, **columns}).combine_chunks().to_batches()[0]


@pytest.mark.parametrize(
    "change",
    [
        *(set_(f"array.{part}{name}", value)
          for part in ("", "0.", f"{LAST}.", f"{LAST}.dictionary.", f"{LIST}.", f"{LIST}.0.")
          for name, value in [("length", -1), ("length", 2**62), ("offset", -1), ("offset", 2**62), ("null_count", -2),
                              ("null_count", 2**40), ("n_buffers", 0), ("n_buffers", -1), ("buffers", None)]),
        *(set_(f"array.{part}length", 3) for part in ("0.", f"{LAST}.", f"{LIST}.")),
        *(set_(f"array.{part}release", None) for part in ("0.", f"{LAST}.dictionary.", f"{LIST}.0.")),
        set_("array.n_children", 2), set_("array.n_children", 10**6), set_("array.children", None),
        set_(f"array.{LIST}.n_children", 0), set_(f"array.{LAST}.dictionary", None), set_("schema.format", b"u"),
        set_("schema.format", None), set_("schema.n_children", -1), set_("schema.n_children", 2**50),
        set_("schema.children", None), set_(f"schema.{LIST}.n_children", 0),
        set_(f"schema.{LIST}.children", None), set_("schema.0.format", b"vu"), set_("schema.0.format", None),
        set_(f"schema.{LAST}.format", b"u"), set_(f"schema.{LIST}.format", b"+w:x"),
        set_(f"schema.{LIST}.format", b"+w:999999999"), set_("schema.release", None), set_("array.release", None),
    ],
)  # fmt: skip
def test_descriptions_that_cannot_be(grouper: Grouper, change: Callable[[Any, Any], None]) -> None:
    liar = Liar(odd(), change)
    untouched = liar.schema.release and liar.array.release
    with pytest.raises(ArgumentError):
        grouper.group(liar)
    gc.collect()
    assert sorted(liar.released) == (["CArray", "CSchema"] if untouched else [])


def test_a_description_that_can_be(grouper: Grouper) -> None:
    """The changes above are what is refused."""
    assert len(grouper.group(Liar(odd(), lambda _schema, _array: None))) == 7
    assert len(grouper.group(Liar(odd(), set_("array.0.null_count", -1)))) == 7


Table = Callable[[dict[str, Any], str], Any]


def spoilt(type_: Any, form: str, numbers: Sequence[int], *others: Any, children: Any = None) -> Table:
    """A table whose column has offsets or views that are changed after it was made, since its library would refuse them."""

    def make(columns: dict[str, Any], name: str) -> Any:
        held = bytearray(struct.calcsize(form) * len(numbers))
        table = pa.table(
            {**columns, name: pa.Array.from_buffers(type_, 7, [None, pa.py_buffer(held), *others], children=children)}
        )
        held[:] = struct.pack(f"{len(numbers)}{form}", *numbers)
        return table

    return make


def coded(type_: Any, entry: int, words: list[str]) -> Table:
    """A table with a cell that points past a dictionary."""
    indices = pa.array([0] * 6 + [entry], type_)
    column = pa.DictionaryArray.from_arrays(indices, pa.array(words, pa.string()), safe=False)
    return lambda columns, name: pa.table({**columns, name: column})


TEXT = pa.py_buffer(b"1111111")
CODES = pa.array(["I10"] * 7)


@pytest.mark.parametrize(
    "table",
    [
        *(spoilt(pa.string(), "i", offsets, TEXT)
          for offsets in ([0, 5, 2, 3, 4, 5, 6, 7], [-1, 1, 2, 3, 4, 5, 6, 7], [0, 1, 99, 3, 4, 5, 6, 7],
                          [7, 6, 5, 4, 3, 2, 1, 0])),
        spoilt(pa.large_string(), "q", [0, 1, 2**60, 3, 4, 5, 6, 7], TEXT),
        *(spoilt(pa.string_view(), "i", view * 7, TEXT)
          for view in ([-1, 0, 0, 0], [50, 0, 0, 0], [13, 0, 1, 0], [13, 0, -1, 0], [13, 0, 0, -5],
                       [2**31 - 1, 0, 0, 2**31 - 1])),
        coded(pa.int32(), -1, ["1"]), coded(pa.int64(), 1, ["1"]), coded(pa.int8(), -128, ["1"]), coded(pa.uint8(), 0, []),
        coded(pa.uint64(), 2**63, ["1"]), coded(pa.int64(), 2**40, ["1"]), coded(pa.uint32(), 2**32 - 1, ["1"]),
    ],
)  # fmt: skip
def test_cells_outside_their_buffers(grouper: Grouper, table: Table) -> None:
    with pytest.raises(ArgumentError, match=r"outside its buffers|do not ascend"):
        grouper.group(table(WIDE, "SEX"))


@pytest.mark.parametrize(
    "table",
    [
        *(spoilt(pa.list_(pa.string()), "i", offsets, children=[CODES])
          for offsets in ([0, 1, 2, 99, 4, 5, 6, 7], [-3, 1, 2, 3, 4, 5, 6, 7], [5, 1, 2, 3, 4, 5, 6, 7])),
        spoilt(pa.large_list(pa.string()), "q", [0, 2**60, 2, 3, 4, 5, 6, 7], children=[CODES]),
    ],
)  # fmt: skip
def test_lists_outside_their_cells(grouper: Grouper, table: Table) -> None:
    with pytest.raises(ArgumentError, match="a list lies outside its column"):
        grouper.group(table(COLUMNS, "diagnoses"))


# Memory ----------------------------------------------------------------------------------------


def test_no_memory_is_lost(grouper: Grouper) -> None:
    """Neither ours nor that of the producer."""
    table, broken = listed(), wide().drop_columns(["SEX"])

    def work() -> None:
        grouped = grouper.group(table)
        pa.table(grouped), pa.table(grouped.spells), pa.table(grouped.messages), grouped.__arrow_c_stream__()
        with pytest.raises(ArgumentError):
            grouper.group(broken)
        next(grouper.group_chunks(table.to_reader(max_chunksize=1), rows=1))

    for _ in range(3):
        work()
    gc.collect()
    tracemalloc.start()
    foreign = pa.total_allocated_bytes()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(30):
        work()
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert pa.total_allocated_bytes() == foreign
    assert grown < 30_000


def test_results_outlive_their_makers(grouper: Grouper) -> None:
    table = pa.table(grouper.group(wide()))
    gc.collect()
    assert table["hrg"].to_pylist() == pa.table(grouper.group(wide()))["hrg"].to_pylist()
