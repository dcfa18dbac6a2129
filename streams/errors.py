"""The one exception that users see: what went wrong, where, and the way out."""

from __future__ import annotations


class DetenteError(Exception):
    """An error with a message that a user can act on.

    ``message`` names the file, field or address concerned; ``hint`` says what to do about it;
    ``exit_code`` is what the command line exits with (2: wrong usage or input, 1: all else).
    """

    def __init__(self, message: str, *, hint: str = "", exit_code: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code

    def __str__(self) -> str:
        """Return the message and, on a line of its own, the hint."""
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class InputError(DetenteError):
    """Something that the user passed cannot be used: a path, a date, an option, a line of a file."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint, exit_code=2)
