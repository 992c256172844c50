"""The parts of an analysis, each a pure function of the data of a run."""
