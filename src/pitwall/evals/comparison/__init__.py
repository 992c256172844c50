"""Two runs side by side: what differs by more than chance, whether a change may pass, which cases lost."""
