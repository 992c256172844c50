"""Applications that Pitwall watches and a simulated model server. Not part of the installed package."""
