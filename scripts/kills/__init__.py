"""The kill matrix: which rules the suite sees broken by which mutant, and how soon."""
