"""What the driver does: checks the columns, brings the rows of each spell together, and names the columns of the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hrgcore import ArgumentError, Grouper
from hrgcore._core.arrow import Source
from hrgcore._core.csvfile import SortPart
from hrgcore.columns.mapping import Columns, UsedColumn, map_columns
from hrgcore.datasets import dataset as data_set
from hrgcore.files.rdf import FieldColumn, RecordDefinition, read_definition
from hrgcore.plugins import host
from hrgcore_spark.partitions import MESSAGES, RECORDS, SPELLS, PartitionGrouper

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import Column, DataFrame
    from pyspark.sql.types import DataType, StructType

LEVELS = (RECORDS, SPELLS, MESSAGES)
_KEY = (SortPart.SORT_PROVIDER, SortPart.SORT_LOCAL)


def group_spark(
    df: DataFrame,
    design: str | None = None,
    *,
    dataset: str = "APC",
    columns: Columns = None,
    level: str = RECORDS,
) -> DataFrame:
    """Groups a Spark DataFrame on its executors; the same result as `Grouper.group`, however the rows are spread.

    Args:
        df: a row an episode or record. Cells are as `Grouper.group` takes them.
        design: name of a design that is installed on the driver and on all executors; if left out, the default design.
        dataset: as of `Grouper`.
        columns: which column holds which field, as of `Grouper.group`.
        level: `records`, a row for each row of df with its columns and those of the result after them; `spells`, a row for each
            spell of admitted care; `messages`, a row for each fault, with the columns of the row that has it before those of
            the message.

    Returns:
        A DataFrame, grouped when it is used. Its rows have no order.

    Raises:
        ArgumentError: there is no such data set or level, df is no DataFrame, a required field is missing, a field stands
            twice, a column has a type that its field or a spell key cannot have, or the name of a column of the result.
        DesignError: the design is not installed or lacks the data set.
        RecordDefinitionError: the record definition is wrong.
    """
    name = _design_name(design)
    grouper = Grouper(name, dataset)
    _check_level(grouper.dataset, level)
    empty = _empty(df)
    definition = read_definition(Path(columns)) if isinstance(columns, str | Path) else columns
    used = _used_columns(grouper, empty, definition)
    task = PartitionGrouper(
        name,
        grouper.design.database_version,
        dataset,
        _columns_of(used, definition),
        tuple(column.name for column in used),
        level,
    )
    key = _spell_key(dataset, used, empty.schema)
    if level == SPELLS:
        df = df.select(*task.used)
    schema = _result_schema(df, task, grouper, empty)
    return (_by_spell(df, key) if key else df).mapInArrow(task, schema)


def _design_name(design: str | None) -> str:
    if design is not None and not isinstance(design, str):
        raise ArgumentError(
            f"design is {type(design).__name__}, not a name", cure="Name an installed design: each executor loads its own."
        )
    return design or host().default_design()


def _check_level(dataset: str, level: str) -> None:
    if level not in LEVELS:
        raise ArgumentError(f"there is no level {level!r}", cure=f"Choose one of {', '.join(LEVELS)}.")
    if level == SPELLS and not data_set(dataset).has_spells:
        raise ArgumentError(f"data set {dataset} has no spells", cure=f"Choose {RECORDS} or {MESSAGES}.")


def _empty(df: DataFrame) -> pa.Table:
    """The table without rows that has the columns of a DataFrame as executors will see them."""
    if not hasattr(df, "mapInArrow"):
        raise ArgumentError(f"df is {type(df).__name__}", cure="Give a Spark DataFrame.")
    _check_names(df.columns)
    try:
        return df.limit(0).toArrow()
    except TypeError as error:
        raise ArgumentError(str(error), place="df", cure="Drop the column, or cast it.") from error


def _check_names(names: Sequence[str]) -> None:
    """Refuses names that Spark cannot tell apart, or cannot hand over to Python."""
    lower = [name.lower() for name in names]
    if twice := [name for name in names if lower.count(name.lower()) > 1]:
        raise ArgumentError(f"columns have the same name: {', '.join(twice)}", place="df", cure="Rename or drop all but one.")
    if odd := [name for name in names if "." in name or "`" in name]:
        raise ArgumentError(f"names of columns have dots or backticks: {', '.join(odd)}", place="df", cure="Rename the columns.")


def _used_columns(grouper: Grouper, empty: pa.Table, columns: Columns) -> tuple[UsedColumn, ...]:
    """The columns that hold fields."""
    source = Source(empty.__arrow_c_stream__())
    return map_columns(grouper.design, data_set(grouper.dataset), source.names, source.types, columns).used


def _columns_of(used: Sequence[UsedColumn], columns: Columns) -> dict[str, str] | RecordDefinition:
    """Which column holds which field, told so that it holds when there are no other columns."""
    if not isinstance(columns, RecordDefinition):
        return {column.field: column.name for column in used}
    fields = (
        FieldColumn(column.field, column.name, number, column.picture, column.extract) for number, column in enumerate(used, 1)
    )
    return replace(columns, fields=tuple(fields))


def _spell_key(dataset: str, used: Sequence[UsedColumn], schema: pa.Schema) -> list[str]:
    """The columns that tell the spell; none in data sets whose records do not depend on one another."""
    import pyarrow as pa

    if not data_set(dataset).has_spells:
        return []
    parts = {part: column for column in used if (part := data_set(dataset).order.get(column.field)) in _KEY}
    for column in parts.values():
        if column.picture or column.extract:
            raise ArgumentError(
                f"column {column.name!r} has a picture",
                place=f"field {column.field}",
                cure="Cut its cells in Spark, and leave the picture out.",
            )
        found = schema.field(column.name).type
        if pa.types.is_floating(found):
            raise ArgumentError(
                f"column {column.name!r} has the type {found}",
                place=f"field {column.field}",
                cure="Cast it to text or to whole numbers.",
            )
    return [parts[part].name for part in _KEY]


def _by_spell(df: DataFrame, names: Sequence[str]) -> DataFrame:
    """The rows of each spell in one partition and together, in an order that does not depend on how they were spread."""
    from pyspark.sql import functions

    key = [_key_text(name) for name in names]
    ties = [functions.col(field.name) for field in df.schema if _has_order(field.dataType)]
    return df.repartition(*key).sortWithinPartitions(*key, *ties)


def _key_text(name: str) -> Column:
    """A part of the key as the engine reads it."""
    from pyspark.sql import functions

    text = functions.col(name).cast("string")
    return functions.coalesce(functions.btrim(text, functions.lit(" \t")), functions.lit(""))


def _has_order(kind: DataType) -> bool:
    """Whether Spark sorts by a type, for certain."""
    from pyspark.sql import types

    if isinstance(kind, types.ArrayType):
        return _has_order(kind.elementType)
    return isinstance(kind, types.StringType | types.NumericType | types.DatetimeType | types.BooleanType | types.BinaryType)


def _result_schema(df: DataFrame, task: PartitionGrouper, grouper: Grouper, empty: pa.Table) -> StructType:
    """The columns of the result, as those of a table without rows."""
    from pyspark.sql.types import StructField, StructType

    grouped = grouper.group(empty.select(task.used), columns=task.columns)
    found = task.results(empty.select([]), grouped).schema
    added = [StructField(field.name, _spark_type(field.type)) for field in found]
    if task.level == SPELLS:
        return StructType(added)
    names = {field.name.lower() for field in added}
    if clashes := [name for name in df.columns if name.lower() in names]:
        raise ArgumentError(
            f"the result has columns of the same name: {', '.join(clashes)}", place="df", cure="Rename or drop them first."
        )
    return StructType([*df.schema.fields, *added])


def _spark_type(kind: pa.DataType) -> DataType:
    import pyarrow as pa
    from pyspark.sql import types

    if pa.types.is_list(kind):
        return types.ArrayType(_spark_type(kind.value_type))
    plain: dict[Any, DataType] = {
        pa.string(): types.StringType(),
        pa.bool_(): types.BooleanType(),
        pa.int32(): types.IntegerType(),
    }
    return plain[kind]
