"""How a judge model is asked: numbered items, verdicts checked against them, prompts in two languages."""
