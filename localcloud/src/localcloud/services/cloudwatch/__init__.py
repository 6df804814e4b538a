"""CloudWatch and CloudWatch Logs: metrics, alarms and log streams."""
