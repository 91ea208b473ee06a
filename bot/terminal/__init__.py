"""What the command line does, a room per subject."""
