"""The sandbox's own commands, one file each."""
