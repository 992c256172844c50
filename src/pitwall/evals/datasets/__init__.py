"""Datasets: versioned collections of examples, from files, from production and from documents."""
