"""The verbs, as they are typed: each reads its options, calls a plain function, and shows what it answers."""
