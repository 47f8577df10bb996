"""What a caller did wrong, and can mend."""


class Mistake(ValueError):  # noqa: N818  every kind of it is called an error
    """The input, or an option, cannot be used; the message says which, where and what would do."""
