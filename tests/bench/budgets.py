# SPDX-License-Identifier: MIT
"""Budgets, what was measured against them, and the table that shows both."""

import dataclasses
import statistics


@dataclasses.dataclass
class Budget:
    """A bound on the median of figures, one a repeat; `values` is empty where it couldn't be measured."""
    what: str
    limit: float
    kind: str  # "most" or "least"
    values: list[float]
    unit: str = ""
    note: str = ""

    def median(self) -> float:
        return statistics.median(self.values)

    def keeps(self, value: float) -> bool:
        return value <= self.limit if self.kind == "most" else value >= self.limit

    def verdict(self) -> str:
        if not self.values:
            return "not measured"
        if not self.keeps(self.median()):
            return "MISSED"
        kept = sum(map(self.keeps, self.values))
        return "met" if kept == len(self.values) else f"met ({kept} of {len(self.values)} repeats)"


def print_table(budgets: list[Budget]) -> None:
    """One line a budget: the bound, the median, the range of the repeats, the verdict."""
    print(f"\n{'budgets':64} {'budget':>11} {'measured':>9} {'range':>15}  verdict")
    for budget in budgets:
        bound = f"{'≤' if budget.kind == 'most' else '≥'} {budget.limit:g}{budget.unit}"
        measured, spread = "", ""
        if budget.values:
            measured = f"{budget.median():.2f}"
            spread = f"{min(budget.values):.2f} … {max(budget.values):.2f}"
        print(f"  {budget.what:62} {bound:>11} {measured:>9} {spread:>15}  {budget.verdict()}")
        if budget.note:
            print(f"    {budget.note}")
    print(flush=True)
