"""The vocabulary of what can happen: past-tense facts, a page per subject, each able to say itself in one sentence."""
