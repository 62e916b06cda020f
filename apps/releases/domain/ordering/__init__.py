"""In which order the steps of a night have to run, and which rule says so."""
