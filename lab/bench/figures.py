"""What becomes of the figures of several rounds, for the tables of this folder."""
import statistics


def median_ratio(rounds, reference, what):
    """The median of the ratios within a round; None where there is none."""
    pairs = [(one[what], other[what]) for one, other in zip(rounds or [], reference or []) if other[what]]
    return statistics.median(one / other for one, other in pairs) if pairs else None


def median_difference(rounds, reference, what):
    """The median of the differences within a round; None where there is none."""
    pairs = [one[what] - other[what] for one, other in zip(rounds or [], reference or [])]
    return statistics.median(pairs) if pairs else None


def shown(number, width, digits=2):
    return f"{'-':>{width}}" if number is None else f"{number:{width},.{digits}f}"
