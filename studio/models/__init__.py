"""What the pages show, worked out from what the services answer."""
