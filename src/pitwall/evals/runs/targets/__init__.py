"""Where answers come from: stored with the dataset, a service over HTTP, a Python callable."""
