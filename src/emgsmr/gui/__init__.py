"""The live window: a presenter without Qt says what to show, and the window draws it."""
