# The one place that names C types and the numbers shared by all compiled modules.
# Python reads the same numbers through hrgcore._core.typedefs.
from libc.stdint cimport int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t

ctypedef uint16_t code_t      # dense id of a diagnosis or procedure code; 0 = blank or unknown
ctypedef uint16_t hrg_t       # id of an HRG; 0 = none
ctypedef uint16_t item_t      # a cell of a repeated listed field: place of the field * 256 + id of the value
ctypedef uint16_t root_t      # id of a root; 0 = none; from ERROR_ROOT on: an error category (message id above it)

cdef enum:
    ERROR_ROOT = 0x8000
    BAND_TOP = 0x7FFFFFFF     # upper end of an open band
    CELLS = 128               # room for the cells of a repeated field in a field code
    LIST_VALUES = 256         # flags of a list of values, levels of a category
    ITEM_BITS = 8             # see item_t
    ITEM_VALUES = 255

# Fields of an admitted-care record, in official order. A fault names field * CELLS + cell (0, or 1.. of a repeated field).
cpdef enum Field:
    PROCODET = 0
    PROVSPNO
    EPIORDER
    STARTAGE
    SEX
    CLASSPAT
    ADMISORC
    ADMIMETH
    DISDEST
    DISMETH
    EPIDUR
    MAINSPEF
    NEOCARE
    TRETSPEF
    DIAG
    OPER
    CRITICALCAREDAYS
    REHABILITATIONDAYS
    SPCDAYS
    N_FIELDS

# Columns of the listed values that kernels read by name; those of other fields follow.
cpdef enum Value:
    V_SEX = 0
    V_CLASSPAT
    V_ADMISORC
    V_ADMIMETH
    V_DISDEST
    V_DISMETH
    V_MAINSPEF
    V_NEOCARE
    V_TRETSPEF
    N_VALUES                  # of admitted care

# Columns of the numbers that kernels read by name; those of other fields follow. -1 = blank or invalid.
cpdef enum Number:
    N_EPIORDER = 0
    N_STARTAGE
    N_EPIDUR
    N_CRITICALCARE
    N_REHABILITATION
    N_PALLIATIVE
    N_NUMBERS                 # of admitted care

cdef enum:
    MOST_VALUES = 32          # room for the columns of listed values of all data sets
    MOST_NUMBERS = 40         # and for those of numbers
    MOST_LEVELS = 8           # and for categories

# What a column of an input holds.
cpdef enum CellKind:
    CELL_UNUSED = 0
    CELL_TEXT                 # place: field number
    CELL_NUMBER               # place: column of the batch
    CELL_VALUE                # place: column of the batch
    CELL_ITEM                 # place: number of the repeated field * CELLS + cell
    CELL_DIAGNOSIS            # place: cell
    CELL_PROCEDURE            # place: cell

# How the cells of a number are read.
cpdef enum NumberKind:
    KIND_NUMBER = 0
    KIND_DATE                 # as days since the start of 1800
    KIND_WEIGHT               # as grams

cpdef enum Role:
    NO_ROLE = 0
    DRIVES
    MODIFIER
    INTERVENTION
    UNBUNDLED
    VAGUE
    BARRED
    SITE
    IGNORED

# Fixed message ids; the error categories of a design follow.
cpdef enum Message:
    FIELD_BLANK = 0
    FIELD_INVALID
    EPISODE_NUMBER
    PRIMARY_BLANK
    DIAGNOSIS_INVALID
    PROCEDURE_INVALID
    SPELL_SEX
    SPELL_CLASSPAT
    SPELL_ADMISORC
    SPELL_ADMIMETH
    SPELL_AGE
    DUPLICATE_EPISODE
    NO_SPLIT
    INVESTIGATION_INVALID
    TREATMENT_INVALID
    ACTIVITY_INVALID
    CODE_UNMAPPED
    N_MESSAGES

# Faults are put out by row, then phase, then field.
cpdef enum Phase:
    PHASE_FIELD = 0
    PHASE_SPELL
    PHASE_LOGIC

cpdef enum Op:
    OP_AGE = 0
    OP_STAY
    OP_CC
    OP_INTERVENTIONS
    OP_SCORE
    OP_COUNT
    OP_PRIMARY
    OP_SECONDARY
    OP_DIAGNOSIS
    OP_DOMINANT
    OP_PROCEDURE
    OP_VALUE
    OP_SITE
    OP_UNBUNDLED
    OP_BEFORE
    OP_NUMBER
    OP_DAYS
    OP_ITEM
    OP_HIGHEST
    OP_ORGANS
    OP_WITH

# Events of the trace: (step, a, b, c).
cpdef enum Step:
    STEP_EPISODE = 0          # a: row
    STEP_SPELL                # a: spell
    STEP_UNBUNDLED            # a: code, b: hrg (0 = none), c: days or 0
    STEP_UNBUNDLED_ROOT       # a: code, b: root
    STEP_CHECK                # a: rule
    STEP_ROUTE                # a: rule, b: root
    STEP_PROCEDURE            # a: code, b: role, c: 1 if it may dominate at this stay
    STEP_DOMINANT             # a: code, b: root
    STEP_LEAD                 # a: row
    STEP_PRIMARY              # a: code, b: root, c: 1 if the root for children
    STEP_RULE                 # a: rule, b: root before, c: root after
    STEP_INTERVENTION         # a: code
    STEP_INTERVENTIONS        # a: number
    STEP_CC                   # a: code, b: CCOutcome, c: points
    STEP_CC_SCORE             # a: score, b: root
    STEP_SPLIT                # a: row of the split table, b: hrg
    STEP_LEVEL                # a: category, b: highest level
    STEP_ORGANS               # a: number of organs supported
    STEP_DECISION             # a: rule, b: root or error category

cpdef enum CCOutcome:
    CC_COUNTED = 0
    CC_NOT_LISTED
    CC_REPEATED
    CC_IS_PRIMARY
    CC_EXCLUDED
    CC_LESS_SPECIFIC

cpdef enum Multiplier:
    TIMES_NOTHING = 0
    TIMES_REHABILITATION
    TIMES_PALLIATIVE

# The official letters of GroupingMethodFlag, as characters.
cpdef enum Method:
    METHOD_BURNS = 66         # B
    METHOD_DIAGNOSIS = 68     # D
    METHOD_GLOBAL = 71        # G, global exception
    METHOD_TRAUMA = 77        # M, multiple trauma
    METHOD_ATTENDANCE = 79    # O, default of outpatients
    METHOD_PROCEDURE = 80     # P
    METHOD_ERROR = 85         # U
