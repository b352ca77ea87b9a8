"""Designs: manifest, tables, overlays, compilation to frozen arrays, and lint."""

from hrgcore.design.design import Design, load_design
from hrgcore.design.faults import Fault
from hrgcore.design.manifest import Manifest

__all__ = ["Design", "Fault", "Manifest", "load_design"]
