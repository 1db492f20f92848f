"""The example page "Studielån": how a bank shows its logged-in customer the debt at Lånekassen, duties and all."""
