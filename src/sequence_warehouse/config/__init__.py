"""Configuration: where the project lies, the settings of a run, and the errors that a user can mend."""
