"""Work beside requests: periodic jobs, leases between processes, events from one part to those below."""
