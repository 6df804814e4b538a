"""From a registered package to production: the registry, deploying, going back, monitoring."""
