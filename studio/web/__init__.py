"""What all pages share: who may ask, forms, answers, events, background jobs."""
