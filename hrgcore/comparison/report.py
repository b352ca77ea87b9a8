"""The report of a comparison: a page that stands alone, a workbook, and tables in files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hrgcore import datasets
from hrgcore.comparison import tables
from hrgcore.comparison.moves import Moves
from hrgcore.comparison.pictures import Flow, Group, draw_chapters, draw_flows, draw_reasons
from hrgcore.comparison.reasons import Reason
from hrgcore.errors import ArgumentError
from hrgcore.files.outputs import OutputFolder
from hrgcore.files.tables import CSV, PARQUET
from hrgcore.report.pages import check_pages, render
from hrgcore.report.plots import check_drawing, svg_of
from hrgcore.report.tables import as_sheet, write_table
from hrgcore.report.workbooks import Sheet, check_workbooks, write_workbook

if TYPE_CHECKING:
    import pyarrow as pa

    from hrgcore.comparison.compare import Comparison
    from hrgcore.comparison.examples import Example

PAGE, BOOK, MOVED = "report.html", "report.xlsx", "moved.parquet"
TABLES = ("transitions", "reasons", "by_chapter", "by_root", "by_provider", "examples")
TOLD = 3  # examples of a reason and pair of HRGs that the page tells in full
MOST_TRANSITIONS = 400  # of a pair of designs and level that the page lists
MOST_TOLD = 8  # pairs of HRGs of a reason that the page tells examples of
_FORMATS = {
    "share": "0.0%", "share_of_moved": "0.0%", "units": "#,##0", "moved": "#,##0", "arrived": "#,##0", "cost_effect": "£#,##0",
    "not_priced": "#,##0",
}  # fmt: skip
_TITLES = {
    "transitions": "Units by HRG in both designs, where it differs",
    "reasons": "Why units moved",
    "by_chapter": "Units and moves by chapter in the earlier design; arrived: from another chapter",
    "by_root": "Units and moves by root in the earlier design; arrived: from another root",
    "by_provider": "Units and moves by provider",
    "examples": "Examples: rows of the input, counted from 0, with the steps of both designs",
}


def check_report() -> None:
    """Refuses reports where a library that makes a part of them is not installed, before the work begins.

    Raises:
        ArgumentError: one is not.
    """
    for check in (check_pages, check_drawing, check_workbooks):
        check()


def write_report(comparison: Comparison, folder: Path, form: str, examples: int, keep: Iterable[Path]) -> list[Path]:
    """Writes all files of the report, or none; see Comparison.write."""
    if form not in (CSV, PARQUET):
        raise ArgumentError(f"there is no form {form!r}", place="tables", cure=f"Choose {CSV} or {PARQUET}.")
    if examples < 0:
        raise ArgumentError("the number of examples must not be negative", cure="Choose 0 or more.")
    check_report()
    told = [comparison.examples(moves, examples) for moves in comparison.moves]
    found = {name: getattr(comparison, name) for name in TABLES if name != "examples"}
    found["examples"] = tables.examples([example for one in told for example in one])
    names = [PAGE, BOOK, MOVED, *(f"{name}.{form}" for name in TABLES)]
    with OutputFolder(folder, names, keep) as outputs:
        outputs.open(PAGE).write(_page(comparison, found, told).encode())
        write_workbook(outputs.open(BOOK), _sheets(comparison, found))
        write_table(outputs.open(MOVED), MOVED, comparison.moved)
        for name in TABLES:
            file = f"{name}.{form}"
            write_table(outputs.open(file), file, found[name])
        return outputs.commit()


# --- workbook ---


def _sheets(comparison: Comparison, found: Mapping[str, pa.Table]) -> Iterable[Sheet]:
    about = [
        ("designs", " ".join(comparison.designs)),
        ("data set", comparison.dataset),
        ("prices", comparison.prices.label if comparison.prices else "none"),
        ("note", "Designs that come with hrgcore are open reconstructions, not the official product."),
    ]
    yield Sheet("summary", ("", ""), about, "Designs side by side")
    yield Sheet("meanings", ("reason", "meaning"), [(str(reason), reason.meaning) for reason in Reason], "What the reasons mean")
    for name in TABLES:
        table = found[name]
        if name == "transitions":
            table = table.filter(table["moved"]).drop_columns(["moved"])
        yield as_sheet(name, table, _TITLES[name])._replace(formats=_FORMATS)


# --- page ---


def _page(comparison: Comparison, found: Mapping[str, pa.Table], told: Sequence[Sequence[Example]]) -> str:
    rows = {name: _by_moves(found[name]) for name in TABLES if name != "examples"}
    sections = [_section(comparison, moves, rows, examples) for moves, examples in zip(comparison.moves, told, strict=True)]
    dataset = datasets.dataset(comparison.dataset)
    return render(
        "compare.html",
        designs=[table.grouped.design for table in comparison.grouped],
        dataset=dataset,
        prices=comparison.prices,
        records=comparison.grouped[0].num_rows,
        sections=sections,
        reasons=[reason for reason in Reason if reason is not Reason.OTHER],
    )


Key = tuple[str, str, str]  # names of designs, level


def _by_moves(table: pa.Table) -> dict[Key, list[dict[str, Any]]]:
    found: dict[Key, list[dict[str, Any]]] = {}
    for row in table.to_pylist():
        found.setdefault((row["from_design"], row["to_design"], row["level"]), []).append(row)
    return found


def _section(
    comparison: Comparison, moves: Moves, rows: Mapping[str, dict[Key, list[dict[str, Any]]]], examples: Sequence[Example]
) -> dict[str, Any]:
    """What the page shows of the moves between two designs at a level."""
    own = {name: by_moves.get((*moves.designs, moves.level), []) for name, by_moves in rows.items()}
    flows = [row for row in own["transitions"] if row["moved"]]
    why = _reasons_of_flows(moves)
    for row in flows:
        row["reason"] = ", ".join(why[row["from_hrg"], row["to_hrg"]])
        row["labels"] = [
            view.labels.get(hrg, "") for view, hrg in zip(moves.views, (row["from_hrg"], row["to_hrg"]), strict=True)
        ]
    cost, not_priced = tables.total_cost(moves)
    return {
        "moves": moves,
        "cost": cost,
        "not_priced": not_priced,
        "reasons": own["reasons"],
        "meanings": {str(reason): reason.meaning for reason in Reason},
        "flows": flows[:MOST_TRANSITIONS],
        "all_flows": len(flows),
        "chapters": own["by_chapter"],
        "roots": sorted((row for row in own["by_root"] if row["moved"]), key=lambda row: -row["moved"])[:MOST_TRANSITIONS],
        "providers": own["by_provider"],
        "told": _told(moves, examples, flows),
        "pictures": _pictures(comparison, moves, own, flows) if len(moves.moved) and moves.level == comparison.levels[0] else [],
    }


def _reasons_of_flows(moves: Moves) -> dict[tuple[str, str], list[str]]:
    """The reasons of the units that go from one HRG to another."""
    names = [view.tables.hrgs for view in moves.views]
    seen: dict[tuple[str, str], dict[str, None]] = {}
    for one, other, place in zip(*(column.tolist() for column in moves.moved_hrgs), moves.found.tolist(), strict=True):
        seen.setdefault((names[0][one], names[1][other]), {})[str(moves.findings[place].reason)] = None
    return {key: list(reasons) for key, reasons in seen.items()}


def _told(moves: Moves, examples: Sequence[Example], flows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Examples by reason and pair of HRGs, the larger flows first."""
    size = {(row["from_hrg"], row["to_hrg"]): row["units"] for row in flows}
    by_reason: dict[Reason, dict[tuple[str, str], list[Example]]] = {}
    for example in examples:
        by_reason.setdefault(example.finding.reason, {}).setdefault(example.hrgs, []).append(example)
    found = []
    for reason in Reason:
        groups = sorted(by_reason.get(reason, {}).items(), key=lambda item: (-size[item[0]], item[0]))
        if groups:
            shown = [(hrgs, size[hrgs], some[:TOLD]) for hrgs, some in groups[:MOST_TOLD]]
            found.append({"reason": reason, "groups": shown, "left_out": len(groups) - len(shown)})
    return found


def _pictures(
    comparison: Comparison, moves: Moves, own: Mapping[str, list[dict[str, Any]]], flows: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    unit, (one, other) = f"{moves.level}s", moves.designs
    reasons = [Group(row["reason"], moves.units, row["units"], row.get("cost_effect")) for row in own["reasons"]]
    chapters = [Group(row["chapter"], row["units"], row["moved"], None) for row in own["by_chapter"]]
    drawn = [
        (draw_reasons(reasons, unit), f"Why {unit} moved from {one} to {other}.", "Waterfall of reasons"),
        (
            draw_flows([Flow(row["from_hrg"], row["to_hrg"], row["units"]) for row in flows], moves.designs, unit),
            f"From which HRG of {one} to which of {other}. The height of a ribbon is the number of {unit}.",
            "Flows between HRGs",
        ),
        (draw_chapters(chapters, one, unit), f"Where {unit} moved, by the chapter of their HRG in {one}.", "Bars by chapter"),
    ]
    return [{"svg": svg_of(figure, f"{kind}, {one} to {other}: {text}"), "text": text} for figure, text, kind in drawn]
