"""One run: a file of records in, the official set of files out, in one pass over the bytes.

The lines of the file are put in order and cut into spans of whole spells. Threads take spans: each encodes the records of one,
groups them and writes the lines of all output files into memory; the calling thread puts these into the files in order.
"""

from __future__ import annotations

import platform
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from os import cpu_count
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypedDict

from hrgcore._core.csvfile import RecordLines
from hrgcore._core.encode import Encoder
from hrgcore.datasets.batches import Progress, encodings
from hrgcore.datasets.dataset import DataSet
from hrgcore.design.fingerprint import SHORT
from hrgcore.errors import ArgumentError
from hrgcore.files.codemap import NAME as EMERGENCY
from hrgcore.files.codemap import read_code_map
from hrgcore.files.memory import available_memory, check_memory, needed_memory
from hrgcore.files.order import Order, Unsorted
from hrgcore.files.outputs import OutputSet
from hrgcore.files.pipes import STANDARD, StandardOutput
from hrgcore.files.reader import open_input
from hrgcore.files.span import DesignJob, Job, Span, Worker
from hrgcore.prices import PriceTotal, chosen_books, totals
from hrgcore.results import field_name

if TYPE_CHECKING:
    from hrgcore.design import Design

SUMMARY_COLUMNS = (
    ("Grouper Version", "Database Version"),
    ("Run Start Date/Time", "Run End Date/Time", "Input Filename", "Output Filename", "RDF path and name"),
)
SPAN = 8_192  # rows that a thread takes at a time
WAITING = 2  # spans in hand for each thread
# Fewer cells cannot tell whether a column has lost its leading zeros; without cells of one digit it takes more.
ENOUGH_CELLS, ENOUGH_LONGER = 20, 1000
LIST, SUMMARY = "", "_summary"  # written when the whole file is grouped
UNITS = {"episode": "FCE", "spell": "Spell", "record": "Record"}  # as the heads of the summary name levels


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a run did.

    Attributes:
        design: name and version of the design.
        design_hash: the hash of the design.
        dataset: the data set.
        records, spells: how many were read; there are spells in admitted care only.
        record_errors, spell_errors: how many of them failed (error group).
        messages: how many faults were reported, by message text.
        warnings: what looks wrong with the file as a whole, in words.
        unmapped: how often each code was met that is not in the map of codes.
        prices: totals of each book of prices that was asked for, of episodes and spells or of records.
        files: the files written.
        started, ended: local times.
    """

    design: str
    design_hash: str
    dataset: str
    records: int
    spells: int
    record_errors: int
    spell_errors: int
    messages: dict[str, int]
    files: tuple[Path, ...]
    started: datetime
    ended: datetime
    warnings: tuple[str, ...] = ()
    unmapped: dict[str, int] = field(default_factory=dict)
    prices: tuple[PriceTotal, ...] = ()


class FileOptions(TypedDict, total=False):
    """How a file is to be grouped.

    Attributes:
        rdf: record definition file; the header of the source tells the columns if left out.
        header: whether the source starts with a header; None finds out.
        output_headers: whether the outputs start with one.
        threads: how many to use; all cores if None.
        progress: called with the bytes of the input that are done and those in all; a file sorted on disk counts twice.
        code_map: for emergency medicine, a CSV file that maps SNOMED CT codes to A&E codes (columns field, snomed, code).
        sticky_groups: for emergency medicine, repeat the known defect of old official versions: a blank patient group takes
            that of the record before it.
        memory: bytes to keep within, at least 256 MB; a file too large for it is sorted on disk, beside the output. By default
            half of what is free.
        files: which of the official files to write, by suffix without the dash (`FCE`, `spell`, ... and `list` for the bare
            one); all if None.
        prices: names of books of prices, by which columns are added to the files and totals to the summary; if None those that
            the environment variable HRGCORE_PRICES lists.
    """

    rdf: str | Path | None
    header: bool | None
    output_headers: bool
    threads: int | None
    progress: Progress | None
    code_map: str | Path | None
    sticky_groups: bool
    memory: int | None
    files: Sequence[str] | None
    prices: Sequence[str] | None


def group_file(designs: Sequence[Design], dataset: DataSet, source: Path, output: Path, options: FileOptions) -> list[RunSummary]:
    """Groups a file with each of some designs in one pass; see hrgcore.group_file."""
    suffixes = _check(designs, dataset, output, options)
    books = chosen_books(options.get("prices"))
    started = datetime.now()
    rdf, code_map = (Path(path) if path else None for path in (options.get("rdf"), options.get("code_map")))
    names = [f"_{design.name}" if len(designs) > 1 else "" for design in designs]
    outputs: OutputSet | StandardOutput = StandardOutput()
    if output != STANDARD:
        every = [name + suffix for name in names for suffix in suffixes]
        outputs = OutputSet(output, every, keep=[path for path in (source, rdf, code_map) if path])
    with outputs, open_input(source, rdf, options.get("header"), dataset) as file:
        for design in designs:
            file.definition.check(design, dataset)
        alike = encodings(designs, dataset.name)
        job = Job(
            dataset=dataset,
            file=file,
            designs=[DesignJob(design, dataset, file, name, suffixes) for design, name in zip(designs, names, strict=True)],
            encodings=alike,
            aliases=[read_code_map(code_map, designs[numbers[0]]) if code_map else None for numbers in alike],
            sticky_groups=options.get("sticky_groups", False),
            books=books,
        )
        run = _Run(job, outputs, output, options, started)
        run.group()
        return run.finish()


def _check(designs: Sequence[Design], dataset: DataSet, output: Path, options: FileOptions) -> tuple[str, ...]:
    """Refuses options that do not go together; gives the suffixes of the files to write."""
    if (options.get("code_map") or options.get("sticky_groups")) and dataset.name != EMERGENCY:
        raise ArgumentError(f"a map of codes and sticky groups are for data set {EMERGENCY} only", cure="Leave them out.")
    threads, memory, files = options.get("threads"), options.get("memory"), options.get("files")
    if threads is not None and threads < 1:
        raise ArgumentError("threads must be at least 1", cure="Leave it out to let hrgcore choose.")
    if memory is not None:
        check_memory(memory)
    if not designs or len({design.name for design in designs}) < len(designs):
        raise ArgumentError("no design is named, or one is named twice", cure="Name each design once.")
    if files is None:
        chosen = dataset.suffixes if output != STANDARD else (dataset.main,)
    else:
        known = {suffix.removeprefix("_") or "list": suffix for suffix in dataset.suffixes}
        for name in files:
            if name not in known:
                raise ArgumentError(f"data set {dataset.name} has no file {name!r}", cure=f"Choose of {', '.join(known)}.")
        chosen = tuple(suffix for name, suffix in known.items() if name in files)
    if output == STANDARD and len(chosen) * len(designs) != 1:
        raise ArgumentError("standard output takes one file of one design", cure="Choose one file, such as FCE.")
    return chosen


class _Run:
    """Takes a file through the workers into the output files."""

    def __init__(
        self, job: Job, outputs: OutputSet | StandardOutput, output: Path, options: FileOptions, started: datetime
    ) -> None:
        self.job = job
        self.outputs = outputs
        self.output = output
        self.options = options
        self.started = started
        # what a blank patient group takes is known only when all rows before it are read
        self.threads = 1 if job.sticky_groups else options.get("threads") or cpu_count() or 1
        self._files: dict[str, BinaryIO] = {}
        self._total = job.file.size - job.file.start
        self._start()

    def _start(self) -> None:
        """Begins anew; what was written is void."""
        for file in self._files.values():
            file.seek(0)
            file.truncate()
        self._headed: set[str] = set()
        self._workers: list[Worker] = []
        self._idle: list[Worker] = []
        self.rows = self.spells = 0
        self._bytes = 0

    def group(self) -> None:
        """Groups the file into the output files."""
        file = self.job.file
        limit = self.options.get("memory") or available_memory()
        sorts = bool(self.job.dataset.order)
        with _pool(self.threads) as pool:
            order = Order(file, self.job.fields if sorts else None, self.job.dataset.has_spells, self.threads, pool)
            if needed_memory(file.size) <= limit:
                self._write(iter([order.in_memory()]), pool)
            else:
                self._group_within(max(limit // 4, limit - needed_memory(0)), order, pool)
        if self._bytes != self._total:  # blank lines and line ends of two bytes are not counted
            self._tell(self._total)

    def _group_within(self, memory: int, order: Order, pool: Executor | None) -> None:
        """Groups a file that is too large for the memory: as it stands if it is in order, else by runs on disk."""
        if isinstance(self.outputs, OutputSet) or order.fields is None:
            try:
                self._write(order.streamed(memory), pool)
                return
            except Unsorted:
                self._start()
        self._total, self._bytes = 2 * self._total, self._total
        self._write(order.merged(memory, self.outputs.scratch(), self._tell), pool)

    def _write(self, stretches: Iterator[RecordLines], pool: Executor | None) -> None:
        """Groups lines and writes what comes of them, in order."""
        waiting: deque[Future[Span]] = deque()
        try:
            for lines in stretches:
                for first, end in lines.spans(SPAN):
                    span = Span(lines, first, end, self.rows)
                    self.rows += span.rows
                    self.spells += span.spells
                    if pool is None:
                        self._put(self._work(span))
                        continue
                    waiting.append(pool.submit(self._work, span))
                    if len(waiting) >= WAITING * self.threads:
                        self._put(waiting.popleft().result())
            while waiting:
                self._put(waiting.popleft().result())
        finally:
            # what an error leaves in hand must not count in a run that begins anew
            wait([future for future in waiting if not future.cancel()])

    def _work(self, span: Span) -> Span:
        """Done by any thread: by a worker that is idle, or a new one."""
        try:
            worker = self._idle.pop()
        except IndexError:
            worker = Worker(self.job)
            self._workers.append(worker)
        worker.group(span)
        self._idle.append(worker)
        return span

    def _put(self, span: Span) -> None:
        for name, lines in span.outputs.items():
            self._open(name, span.heads[name]).write(lines)
            lines.clear()
            self.job.spare[name].append(lines)
        self._bytes += span.size
        self._tell(self._bytes)

    def _tell(self, done: int) -> None:
        if progress := self.options.get("progress"):
            progress(min(done, self._total), self._total)

    def _open(self, name: str, heads: Sequence[str]) -> BinaryIO:
        """The file of a suffix, with its header."""
        if name not in self._files:
            self._files[name] = self.outputs.open(name)
        if name not in self._headed:
            self._headed.add(name)
            if self.options.get("output_headers", True):
                self._files[name].write(",".join(heads).encode() + self.job.file.newline)
        return self._files[name]

    def finish(self) -> list[RunSummary]:
        """Writes the summaries and the lists, puts all files in place, and tells what was done."""
        ended = datetime.now()
        warnings = _lost_zeros(self.job.dataset, [worker.encoders[0] for worker in self._workers])
        found = [self._summary(number, each, ended, warnings) for number, each in enumerate(self.job.designs)]
        for each, summary in zip(self.job.designs, found, strict=True):
            if SUMMARY in each.suffixes:
                self._write_summary(each.prefix + SUMMARY, summary)
            if LIST in each.suffixes:
                names = [self.outputs.path(each.prefix + suffix).name for suffix in each.suffixes if suffix != LIST]
                list_file = self.outputs.open(each.prefix + LIST)
                list_file.write(b"".join(name.encode() + self.job.file.newline for name in names))
        self.outputs.commit()
        return found

    def _summary(self, number: int, job: DesignJob, ended: datetime, warnings: tuple[str, ...]) -> RunSummary:
        """What all workers found with a design."""
        counts = [worker.counts[number] for worker in self._workers]
        texts = Counter[str]()
        for worker in self._workers:
            for text, times in zip(job.design.tables.messages, worker.faults[number].counts, strict=True):
                texts[text] += times
        unmapped = sum((each.unmapped for each in counts), Counter[str]())
        return RunSummary(
            design=job.design.database_version,
            design_hash=job.design.hash,
            dataset=self.job.dataset.name,
            records=self.rows,
            spells=self.spells if self.job.dataset.has_spells else 0,
            record_errors=sum(each.record_errors for each in counts),
            spell_errors=sum(each.spell_errors for each in counts),
            messages={text: times for text, times in texts.most_common() if times},
            files=tuple(self.outputs.path(job.prefix + suffix) for suffix in sorted(job.suffixes, key=lambda name: name == LIST)),
            started=self.started,
            ended=ended,
            warnings=warnings,
            unmapped=dict(unmapped.most_common()),
            prices=totals(part for each in counts for part in each.prices),
        )

    def _write_summary(self, name: str, summary: RunSummary) -> None:
        """The one-row summary."""
        import hrgcore

        before, after = SUMMARY_COLUMNS
        counts = [summary.records, summary.record_errors]
        if self.job.dataset.has_spells:
            counts = [summary.records, summary.spells, summary.record_errors, summary.spell_errors]
        cells = (
            f"hrgcore {hrgcore.__version__} ({platform.system()})",
            f"{summary.design} {summary.design_hash[:SHORT]}",
            *counts,
            f"{summary.started:%Y-%m-%d %H:%M:%S}",
            f"{summary.ended:%Y-%m-%d %H:%M:%S}",
            self.job.file.path,
            self.output,
            self.options.get("rdf") or self.job.file.definition.origin,
            *(cell for total in summary.prices for cell in (total.text, total.priced, total.unpriced)),
        )
        priced = [
            f"{total.book} {UNITS[total.level]} {head}" for total in summary.prices for head in ("GBP", "Priced", "Without Price")
        ]
        file = self._open(name, (*before, *self.job.dataset.counts, *after, *priced))
        file.write(",".join(str(cell).replace(",", " ") for cell in cells).encode() + self.job.file.newline)


def _lost_zeros(dataset: DataSet, encoders: Sequence[Encoder]) -> tuple[str, ...]:
    """A warning for each column that looks as if a spreadsheet had stripped its leading zeros."""
    for other in encoders[1:]:
        encoders[0].add_zeros(other)
    return tuple(
        f"column {field_name(dataset.name, code)[0]} looks as if a spreadsheet had stripped its leading zeros: "
        f"none of {cells:,} cells begins with 0, {single:,} have one digit and are invalid, "
        f"{longer:,} may have lost a zero and are read as they stand"
        for code, cells, single, longer in encoders[0].lost_zeros()
        if cells >= (ENOUGH_CELLS if single else ENOUGH_LONGER)
    )


@contextmanager
def _pool(threads: int) -> Iterator[Executor | None]:
    """Threads to work with; none but the caller's if one is enough."""
    if threads == 1:
        yield None
        return
    pool = ThreadPoolExecutor(threads)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
