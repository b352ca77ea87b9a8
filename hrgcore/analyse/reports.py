"""Evaluations and profiles in files: tables, a workbook, and a page of HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hrgcore.analyse.plots import draw_funnel, draw_variance
from hrgcore.analyse.splits import NOT_SHOWN, SMALL
from hrgcore.files.outputs import OutputFolder
from hrgcore.report.pages import check_pages, render
from hrgcore.report.plots import check_drawing, svg_of
from hrgcore.report.tables import as_sheet, write_table
from hrgcore.report.workbooks import check_workbooks, write_workbook

if TYPE_CHECKING:
    import pyarrow as pa

    from hrgcore.analyse.profile import Profile
    from hrgcore.analyse.valued import LeftOut
    from hrgcore.analyse.variance import Evaluation

MOST_ROWS = 40  # of a table of a page; the files have all


def write_folder(
    folder: Path, name: str, tables: Mapping[str, pa.Table], page: Callable[[], str], keep: Iterable[Path] = ()
) -> list[Path]:
    """Writes tables, each as a CSV file and all as a workbook, and a page.

    Args:
        folder: where the files will be.
        name: of workbook and page, without ending.
        tables: by name.
        page: makes the page.
        keep: files that must not be overwritten.

    Raises:
        ArgumentError: a library of the extra `report` is not installed.
        OutputFileError: the files cannot be written; none has been changed.
    """
    check_reports()
    text = page()
    names = [*(f"{table}.csv" for table in tables), f"{name}.xlsx", f"{name}.html"]
    with OutputFolder(folder, names, keep) as files:
        for file, table in zip(names, tables.values(), strict=False):
            write_table(files.open(file), file, table)
        write_workbook(files.open(f"{name}.xlsx"), [as_sheet(*sheet) for sheet in tables.items()])
        files.open(f"{name}.html").write(text.encode())
        return files.commit()


def check_reports() -> None:
    """Refuses reports where a library for them is not installed, before the work begins.

    Raises:
        ArgumentError: one is not.
    """
    check_pages()
    check_drawing()
    check_workbooks()


def evaluation_page(found: Evaluation) -> str:
    """The page of an evaluation."""
    description = f"Bars: share of the variance of {found.value} that HRGs explain, by chapter; share that each root leaves."
    return render(
        "evaluate.html",
        found=found,
        left_out=left_out_lines(found.left_out, found.value),
        drawing=None if found.constant else svg_of(draw_variance(found), description),
        levels=found.levels.to_pylist(),
        chapters=found.chapters.to_pylist(),
        roots=found.roots.slice(0, MOST_ROWS).to_pylist(),
        further=found.further.slice(0, MOST_ROWS).to_pylist(),
        alike=alike(found)[:MOST_ROWS],
        alike_in_all=len(alike(found)),
        roots_alike=roots_alike(found),
    )


def profile_page(found: Profile) -> str:
    """The page of a profile."""
    description = f"Funnel plot: index of {found.value} of each {found.provider} against its effective number of records."
    return render(
        "profile.html",
        found=found,
        left_out=left_out_lines(found.left_out, found.value),
        drawing=svg_of(draw_funnel(found), description),
        providers=found.providers.to_pylist(),
    )


def alike(found: Evaluation) -> list[dict[str, Any]]:
    """Neighbouring HRGs that do not differ, or little, those with the most records first."""
    pairs: list[dict[str, Any]] = found.neighbours.to_pylist()
    pairs = [pair for pair in pairs if pair["verdict"] in (NOT_SHOWN, SMALL)]
    return sorted(pairs, key=lambda pair: -(pair["records"] + pair["next_records"]))


def roots_alike(found: Evaluation) -> list[str]:
    """Roots whose HRGs do not differ, or little, those with the most records first."""
    roots: list[dict[str, Any]] = found.roots.to_pylist()
    roots = [root for root in roots if root["verdict"] in (NOT_SHOWN, SMALL)]
    return [root["root"] for root in sorted(roots, key=lambda root: -root["records"])]


def left_out_lines(left_out: LeftOut, value: str) -> list[str]:
    """What was left out, in words."""
    lines = [
        (left_out.no_hrg, "have no HRG"),
        (left_out.failed, "are in the error group"),
        (left_out.no_value, f"have no {value}"),
        (left_out.no_provider, "have no provider"),
    ]
    found = [f"{count:,} {text}" for count, text in lines if count]
    if left_out.failed is None:
        found.append("which are in the error group cannot be told without a design")
    return found
