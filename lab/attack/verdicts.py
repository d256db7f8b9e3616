"""What is asked, what was measured, and whether that is enough."""
import dataclasses

WORDS = {True: "met", False: "MISSED", None: "shown"}
NOT_TESTED = "not tested"


@dataclasses.dataclass(frozen=True)
class Verdict:
    """A row of the summary."""
    row: str
    measured: str
    must: str
    # None: nothing is asked, the figure is shown.
    is_met: bool
    # Why the row has not shown what it is to show; then it is neither met nor
    # missed.
    untested: str = ""

    @property
    def word(self):
        return f"{NOT_TESTED}: {self.untested}" if self.untested else WORDS[self.is_met]

    @property
    def is_missed(self):
        return not self.untested and self.is_met is False


def shown(number, form=".1f"):
    return "-" if number is None else f"{number:{form}}"


def percent(share):
    """Never rounded up: 99.97 % are not 100.0 %."""
    return "-" if share is None else f"{int(share * 1000) / 10:.1f} %"


def is_most(number, bound):
    """Whether a number is there, and not above the bound."""
    return number is not None and number <= bound


def print_summary(verdicts):
    """The table, aligned, and a count of what is missed."""
    rows = [("row", "measured", "must", "met/missed"),
            *((one.row, one.measured, one.must, one.word) for one in verdicts)]
    widths = [max(len(cell) for cell in column) for column in zip(*rows)]
    rows.insert(1, tuple("-" * width for width in widths))
    print()
    for cells in rows:
        print(" | ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths)).rstrip())
    missed, untested = sum(one.is_missed for one in verdicts), sum(bool(one.untested) for one in verdicts)
    print(f"\n{len(verdicts)} rows, {missed} missed, {untested} {NOT_TESTED}", flush=True)
