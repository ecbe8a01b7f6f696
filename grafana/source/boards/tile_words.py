"""Numbers and signs in the words of a tile: expressions that return 1 with a label, which the words contain."""


def named(label: str, value: str, step: str = "1") -> str:
    """The number 1 with a label that has the value as a text."""
    return f'count_values("{label}", round({value}, {step}))'


def signed(code: str, signs: dict[int, str]) -> str:
    """The label `sign`, by the code. Nothing without a code."""
    labels = named("sign", code)
    for number, sign in signs.items():
        labels = f'label_replace({labels}, "sign", "{sign}", "sign", "{number}")'
    return f"{labels} or on () vector(1)"


def labelled(**labels: str) -> str:
    """An operation that gives labels to a number. Each label has an expression that returns 1 with this label."""
    return "".join(f" * on () group_left ({label}) ({source})" for label, source in labels.items())
