from enum import IntEnum
from typing import Final

ERROR_BASE: Final = 0x8000
OPEN_END: Final = 0x7FFFFFFF
FIELD_CELLS: Final = 128

class Field(IntEnum):
    PROCODET = 0
    PROVSPNO = 1
    EPIORDER = 2
    STARTAGE = 3
    SEX = 4
    CLASSPAT = 5
    ADMISORC = 6
    ADMIMETH = 7
    DISDEST = 8
    DISMETH = 9
    EPIDUR = 10
    MAINSPEF = 11
    NEOCARE = 12
    TRETSPEF = 13
    DIAG = 14
    OPER = 15
    CRITICALCAREDAYS = 16
    REHABILITATIONDAYS = 17
    SPCDAYS = 18
    N_FIELDS = 19

class Value(IntEnum):
    V_SEX = 0
    V_CLASSPAT = 1
    V_ADMISORC = 2
    V_ADMIMETH = 3
    V_DISDEST = 4
    V_DISMETH = 5
    V_MAINSPEF = 6
    V_NEOCARE = 7
    V_TRETSPEF = 8
    N_VALUES = 9

class Number(IntEnum):
    N_EPIORDER = 0
    N_STARTAGE = 1
    N_EPIDUR = 2
    N_CRITICALCARE = 3
    N_REHABILITATION = 4
    N_PALLIATIVE = 5
    N_NUMBERS = 6

class Role(IntEnum):
    NO_ROLE = 0
    DRIVES = 1
    MODIFIER = 2
    INTERVENTION = 3
    UNBUNDLED = 4
    VAGUE = 5
    BARRED = 6

class Message(IntEnum):
    FIELD_BLANK = 0
    FIELD_INVALID = 1
    EPISODE_NUMBER = 2
    PRIMARY_BLANK = 3
    DIAGNOSIS_INVALID = 4
    PROCEDURE_INVALID = 5
    SPELL_SEX = 6
    SPELL_CLASSPAT = 7
    SPELL_ADMISORC = 8
    SPELL_ADMIMETH = 9
    SPELL_AGE = 10
    DUPLICATE_EPISODE = 11
    NO_SPLIT = 12
    N_MESSAGES = 13

class Phase(IntEnum):
    PHASE_FIELD = 0
    PHASE_SPELL = 1
    PHASE_LOGIC = 2

class Stage(IntEnum):
    CHECK = 0
    ROUTE = 1
    PROCEDURE = 2
    DIAGNOSIS = 3

class Op(IntEnum):
    OP_AGE = 0
    OP_STAY = 1
    OP_CC = 2
    OP_INTERVENTIONS = 3
    OP_SCORE = 4
    OP_COUNT = 5
    OP_PRIMARY = 6
    OP_SECONDARY = 7
    OP_DIAGNOSIS = 8
    OP_DOMINANT = 9
    OP_PROCEDURE = 10
    OP_VALUE = 11

class Step(IntEnum):
    STEP_EPISODE = 0
    STEP_SPELL = 1
    STEP_UNBUNDLED = 2
    STEP_CHECK = 3
    STEP_ROUTE = 4
    STEP_PROCEDURE = 5
    STEP_DOMINANT = 6
    STEP_LEAD = 7
    STEP_PRIMARY = 8
    STEP_RULE = 9
    STEP_INTERVENTION = 10
    STEP_INTERVENTIONS = 11
    STEP_CC = 12
    STEP_CC_SCORE = 13
    STEP_SPLIT = 14

class CCOutcome(IntEnum):
    CC_COUNTED = 0
    CC_NOT_LISTED = 1
    CC_REPEATED = 2
    CC_IS_PRIMARY = 3
    CC_EXCLUDED = 4
    CC_LESS_SPECIFIC = 5

class Multiplier(IntEnum):
    TIMES_NOTHING = 0
    TIMES_REHABILITATION = 1
    TIMES_PALLIATIVE = 2

class Method(IntEnum):
    METHOD_BURNS = 66
    METHOD_DIAGNOSIS = 68
    METHOD_GLOBAL = 71
    METHOD_TRAUMA = 77
    METHOD_PROCEDURE = 80
    METHOD_ERROR = 85
