"""Who may call the gateway: access keys, signatures and origins."""
