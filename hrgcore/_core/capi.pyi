ABI_VERSION: int
C_API: object  # the capsule
