"""What the models cost, what the month will have cost, what could be saved, and what may be spent."""
