"""Files for the stacks that teams have already, and what these stacks send: Prometheus, Alertmanager, Grafana."""
