"""Vocabulary that every part of Pitwall shares: frozen value types, enums and errors. No I/O."""
