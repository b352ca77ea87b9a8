"""Statistics of grouped data: how well a design explains cost or stay, how providers compare, and totals by any column."""
