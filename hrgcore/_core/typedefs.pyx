"""The numbers shared by all compiled modules, as Python enums (see typedefs.pxd)."""

ERROR_BASE = <int>ERROR_ROOT
OPEN_END = <int>BAND_TOP
FIELD_CELLS = <int>CELLS
NUMBER_PLACES = <int>MOST_NUMBERS
VALUE_PLACES = <int>MOST_VALUES
