"""`HRGGrouperc`: exactly the switches and exit codes of the official console program.

Switches and codes come from the 2024/25 user manual. The design is the default one (see PluginHost.default_design), since
the official switches have none for it.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from hrgcore import datasets
from hrgcore.cli.interrupt import interrupted_by_sigterm
from hrgcore.errors import HRGError
from hrgcore.files.rdf import RecordDefinition, read_definition
from hrgcore.grouper import Grouper

USAGE = """HRGGrouperc -i <input> -o <output> -d <rdf> -l {APC|ACC|EM|NAC|PCC|NRD|NCC} [-h] [-t] [-v] [-?]
  -i  input file             -h  the input has a header row
  -o  output file            -t  no header rows in the outputs
  -d  record definition file -v  more detail in the log
  -l  grouping logic         -?  this list (not with other switches)
"""
log = logging.getLogger("hrgcore")


class ExitCode(IntEnum):
    """The official exit codes."""

    SUCCESS = 0
    UNKNOWN_SWITCH = 1
    UNKNOWN_PARAMETER = 2
    RDF_BLANK = 3
    INPUT_BLANK = 4
    OUTPUT_BLANK = 5
    UNKNOWN_LOGIC = 6
    PROCESSING_FAILED = 7
    CANNOT_SET_LOGIC = 8
    CANNOT_SET_OUTPUT = 9
    CANNOT_SET_RDF = 10
    CANNOT_SET_INPUT = 11


class Stop(Exception):
    """The run ends with an exit code and a message."""

    def __init__(self, code: ExitCode, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Arguments:
    """The switches, as given."""

    values: dict[str, str] = field(default_factory=dict)
    header: bool = False
    no_output_headers: bool = False
    verbose: bool = False


_TWICE = {
    "-i": ExitCode.CANNOT_SET_INPUT,
    "-o": ExitCode.CANNOT_SET_OUTPUT,
    "-d": ExitCode.CANNOT_SET_RDF,
    "-l": ExitCode.CANNOT_SET_LOGIC,
}
HELP = "-?"
_FLAGS = {"-h": "header", "-t": "no_output_headers", "-v": "verbose"}


def parse(arguments: Sequence[str]) -> Arguments:
    """Reads the switches.

    Raises:
        Stop: with codes 1 to 6, or 8 to 11 for a switch that is given twice with different values.
    """
    parsed = Arguments()
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        if word in _TWICE:
            value = rest.pop(0) if rest and rest[0] not in (*_TWICE, *_FLAGS, HELP) else ""
            if parsed.values.setdefault(word, value) != value:
                raise Stop(_TWICE[word], f"{word} is given twice, as {parsed.values[word]!r} and {value!r}")
        elif word in _FLAGS:
            setattr(parsed, _FLAGS[word], True)
        elif word.startswith("-"):
            raise Stop(ExitCode.UNKNOWN_SWITCH, f"unknown switch {word}" + (" among others" if word == HELP else ""))
        else:
            raise Stop(ExitCode.UNKNOWN_PARAMETER, f"unknown parameter {word}")
    for switch, code, what in (
        ("-d", ExitCode.RDF_BLANK, "record definition file"),
        ("-i", ExitCode.INPUT_BLANK, "input file"),
        ("-o", ExitCode.OUTPUT_BLANK, "output file"),
    ):
        if not parsed.values.get(switch, "").strip():
            raise Stop(code, f"no {what} is given ({switch})")
    if "-l" in parsed.values and parsed.values["-l"] not in datasets.DATASETS:
        raise Stop(ExitCode.UNKNOWN_LOGIC, f"unknown logic {parsed.values['-l']!r}: {', '.join(datasets.DATASETS)}")
    return parsed


def _readable(path: Path, code: ExitCode) -> Path:
    if not os.path.isfile(path):  # unlike Path.is_file, False for a name that cannot be
        raise Stop(code, f"{path} is not a file")
    if not os.access(path, os.R_OK):
        raise Stop(code, f"{path} cannot be read")
    return path


def _writable(path: Path) -> Path:
    if path.is_dir() or not path.parent.is_dir():
        raise Stop(
            ExitCode.CANNOT_SET_OUTPUT,
            f"{path} cannot be a file: " + ("it is a folder" if path.is_dir() else "there is no such folder"),
        )
    return path


def _grouper(logic: str | None, definition: RecordDefinition) -> Grouper:
    if logic is not None:
        return Grouper(dataset=logic)
    design = Grouper().design
    name = datasets.fitting(design, definition.names)
    if name is None:
        raise Stop(ExitCode.PROCESSING_FAILED, "no logic is named, and none follows from the record definition")
    log.info("logic %s follows from the record definition", name)
    return Grouper(design, name)


def _failed(message: str) -> ExitCode:
    sys.stderr.write(f"HRGGrouperc: {message} (exit code {ExitCode.PROCESSING_FAILED:d})\n")
    return ExitCode.PROCESSING_FAILED


def run(arguments: Sequence[str]) -> ExitCode:
    """One run of the program; never raises for what a user can cause."""
    if list(arguments) == [HELP]:
        sys.stdout.write(USAGE)
        return ExitCode.SUCCESS
    try:
        parsed = parse(arguments)
        logging.basicConfig(
            level=logging.DEBUG if parsed.verbose else logging.INFO,
            format="%(asctime)s %(message)s",
            stream=sys.stdout,
            force=True,
        )
        with interrupted_by_sigterm():
            _group(parsed)
    except Stop as stop:
        sys.stderr.write(f"HRGGrouperc: {stop} (exit code {stop.code:d})\n")
        return stop.code
    except (HRGError, MemoryError, KeyboardInterrupt) as error:
        return _failed(str(error) or type(error).__name__)
    except Exception as error:  # the official program has this code for it too
        log.debug("traceback", exc_info=True)
        return _failed(f"internal error {type(error).__name__}; please report it, with the output of -v")
    return ExitCode.SUCCESS


def _group(parsed: Arguments) -> None:
    rdf = _readable(Path(parsed.values["-d"]), ExitCode.CANNOT_SET_RDF)
    source = _readable(Path(parsed.values["-i"]), ExitCode.CANNOT_SET_INPUT)
    output = _writable(Path(parsed.values["-o"]))
    grouper = _grouper(parsed.values.get("-l"), read_definition(rdf))
    log.info("grouping %s with design %s", source, grouper.design.database_version)
    summary = grouper.group_file(source, output, rdf=rdf, header=parsed.header, output_headers=not parsed.no_output_headers)
    unit = datasets.dataset(summary.dataset).unit
    log.info("%d %ss, %d failed", summary.records, unit, summary.record_errors)
    if summary.spells:
        log.info("%d spells, %d failed", summary.spells, summary.spell_errors)
    for warning in summary.warnings:
        log.warning("%s", warning)
    for text, number in summary.messages.items():
        log.debug("%d x %s", number, text)
    for path in summary.files:
        log.debug("wrote %s", path)


def main() -> None:
    """Entry point of the console program."""
    sys.exit(run(sys.argv[1:]))
