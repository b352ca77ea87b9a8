"""hrgcore on Spark: the kernels run on the executors, fed through Arrow; nothing passes through the driver."""

from hrgcore_spark.frames import group_spark

__all__ = ["group_spark"]
