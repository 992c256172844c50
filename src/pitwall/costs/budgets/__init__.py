"""What may be spent: amounts for a day, week or month, and how much of them is used."""
