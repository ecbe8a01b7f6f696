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


def with_words(expression: str, **labels: str) -> str:
    """The expression with labels for its words. Each label has an expression that returns 1 with this label."""
    for label, source in labels.items():
        expression = f"{expression} * on () group_left ({label}) ({source})"
    return expression
