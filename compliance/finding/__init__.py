"""Finding: by id, by number and by everything else that a record says, and a case as a whole."""
