"""One page a leader reads in ten minutes: who met, what was raised, what is answered, who is silent, who went out."""
