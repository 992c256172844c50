"""What stacks that teams have already read and send: Prometheus, Alertmanager, Grafana."""
