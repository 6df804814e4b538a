"""The rows of labels.csv: read, kept, grouped, split, written as manifests."""
