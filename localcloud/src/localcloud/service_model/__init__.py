"""AWS's own description of its services: shapes, what requests must satisfy, and instance types."""
