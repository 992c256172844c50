"""Whether a judge can be trusted: what people say of the same cases, and what that makes of its numbers."""
