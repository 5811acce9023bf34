"""What people do with opinions. Every change of a status goes through one of these verbs."""
